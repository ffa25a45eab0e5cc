// SPDX-License-Identifier: MIT
#include "dne/cluster/mpi.h"

#include <mpi.h>
#if __has_include(<mpi-ext.h>)
#include <mpi-ext.h>
#endif

#include <algorithm>
#include <deque>
#include <string>
#include <utility>

#include "dne/base/error.h"

namespace dne {
namespace {

constexpr int kTag = 0;

// Of a call in which no other rank takes part.
void Check(int code, const char* what) {
  if (code == MPI_SUCCESS) return;
  char text[MPI_MAX_ERROR_STRING];
  int length = 0;
  MPI_Error_string(code, text, &length);
  throw Error(std::string("MPI failed to ") + what + ": " + std::string(text, text + length));
}

class MpiTransport final : public Transport {
 public:
  MpiTransport() {
    int provided = 0;
    Check(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided), "start");
    if (provided < MPI_THREAD_FUNNELED) {
      throw Error("this MPI does not allow threads (MPI_THREAD_FUNNELED): use another one");
    }
    Check(MPI_Comm_dup(MPI_COMM_WORLD, &ranks_), "join the ranks");
    MPI_Comm_set_errhandler(ranks_, MPI_ERRORS_RETURN);
    MPI_Comm_rank(ranks_, &rank_);
    MPI_Comm_size(ranks_, &size_);
  }

  ~MpiTransport() override {
    Flush();
    // With ranks that are lost, those that are left would wait there for them.
    if (lost_.empty()) MPI_Finalize();
  }

  int rank() const override { return rank_; }
  int size() const override { return size_; }

  void Send(int to, MessageBytes bytes) override {
    if (lost_.contains(to)) return;
    Sending sending{.request = MPI_REQUEST_NULL, .bytes = std::move(bytes)};
    const int code = MPI_Isend(sending.bytes->data(), static_cast<int>(sending.bytes->size()),
                               MPI_BYTE, to, kTag, ranks_, &sending.request);
    if (code != MPI_SUCCESS) return FindLost(code, "send");
    sending_.push_back(std::move(sending));
  }

  std::optional<Message> Receive() override {
    MoveOn();
    int has_come = 0;
    MPI_Message message = MPI_MESSAGE_NULL;
    MPI_Status status;
    int code = MPI_Improbe(MPI_ANY_SOURCE, kTag, ranks_, &has_come, &message, &status);
    if (code != MPI_SUCCESS) {
      FindLost(code, "look for messages");
      return std::nullopt;
    }
    if (has_come == 0) return std::nullopt;
    int size = 0;
    MPI_Get_count(&status, MPI_BYTE, &size);
    Message received{.from = status.MPI_SOURCE,
                     .bytes = std::vector<uint8_t>(static_cast<size_t>(size))};
    code = MPI_Mrecv(received.bytes.data(), size, MPI_BYTE, &message, MPI_STATUS_IGNORE);
    if (code != MPI_SUCCESS) {
      FindLost(code, "receive a message");
      return std::nullopt;
    }
    return received;
  }

  std::set<int> Lost() override { return lost_; }

 private:
  struct Sending {
    MPI_Request request;
    MessageBytes bytes;
  };

  // Lets go of what has been sent, or will never arrive.
  void MoveOn() {
    std::erase_if(sending_, [this](Sending& sending) {
      int is_over = 0;
      const int code = MPI_Test(&sending.request, &is_over, MPI_STATUS_IGNORE);
      if (code != MPI_SUCCESS) FindLost(code, "send");
      return is_over != 0 || code != MPI_SUCCESS;
    });
  }

  // What was said last, as that the job has ended, goes out before this rank does.
  void Flush() {
    while (!sending_.empty()) MoveOn();
  }

  // What a call that involves others failed of: that one of them died, else it is thrown.
  void FindLost(int code, const char* what) {
#ifdef MPIX_ERR_PROC_FAILED
    int kind = MPI_SUCCESS;
    MPI_Error_class(code, &kind);
    if (kind == MPIX_ERR_PROC_FAILED || kind == MPIX_ERR_PROC_FAILED_PENDING) {
      MPI_Group all = MPI_GROUP_NULL;
      MPI_Group failed = MPI_GROUP_NULL;
      MPI_Comm_group(ranks_, &all);
      MPIX_Comm_failure_ack(ranks_);
      MPIX_Comm_failure_get_acked(ranks_, &failed);
      int count = 0;
      MPI_Group_size(failed, &count);
      for (int i = 0; i < count; ++i) {
        int rank = MPI_UNDEFINED;
        MPI_Group_translate_ranks(failed, 1, &i, all, &rank);
        if (rank != MPI_UNDEFINED) lost_.insert(rank);
      }
      MPI_Group_free(&failed);
      MPI_Group_free(&all);
      return;
    }
#endif
    Check(code, what);
  }

  MPI_Comm ranks_ = MPI_COMM_NULL;
  int rank_ = 0;
  int size_ = 1;
  std::deque<Sending> sending_;
  std::set<int> lost_;
};

}  // namespace

std::unique_ptr<Transport> JoinMpi() { return std::make_unique<MpiTransport>(); }

}  // namespace dne
