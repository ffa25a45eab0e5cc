// SPDX-License-Identifier: MIT
#include "dne/base/parallel.h"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "dne/base/error.h"

namespace dne {
namespace {

using JobBody = std::function<void(size_t worker, size_t job)>;

// The jobs that are left, and how the work stands.
class JobQueue {
 public:
  JobQueue(size_t num_workers, size_t num_jobs, const std::atomic<bool>* cancel)
      : num_jobs_(num_jobs), cancel_(cancel), working_(num_workers) {}

  // What one worker does, from its first job to its last.
  void Work(size_t worker, const JobBody& body) {
    for (size_t job; !Stopped() && (job = next_.fetch_add(1)) < num_jobs_;) {
      try {
        body(worker, job);
      } catch (...) {
        Fail(job, std::current_exception());
      }
    }
    const std::lock_guard lock(mutex_);
    if (--working_ == 0) ended_.notify_all();
  }

  // On the caller's thread, until the last worker has ended.
  void Supervise(const Supervision& supervision) {
    std::unique_lock lock(mutex_);
    while (!ended_.wait_for(lock, supervision.period(), [this] { return working_ == 0; })) {
      lock.unlock();
      try {
        supervision.tick();
      } catch (...) {
        // Counts as what came before every job: without it there is no point in going on.
        Fail(0, std::current_exception());
        return;
      }
      lock.lock();
    }
  }

  void RethrowFailure() const {
    if (error_) std::rethrow_exception(error_);
  }

 private:
  bool Stopped() const { return stop_ || (cancel_ != nullptr && *cancel_); }

  void Fail(size_t job, const std::exception_ptr& error) {
    stop_ = true;
    const std::lock_guard lock(mutex_);
    if (error_ && failed_job_ <= job) return;
    failed_job_ = job;
    error_ = error;
  }

  const size_t num_jobs_;
  const std::atomic<bool>* cancel_;
  std::atomic<size_t> next_{0};
  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  std::condition_variable ended_;
  size_t working_;
  size_t failed_job_ = 0;
  std::exception_ptr error_;
};

}  // namespace

void SerialFor(size_t count, const std::function<void(size_t)>& body) {
  for (size_t i = 0; i < count; ++i) body(i);
}

ParallelFor ThreadsFor(int threads) {
  DNE_CHECK(threads >= 1);
  if (threads == 1) return SerialFor;
  return [threads](size_t count, const std::function<void(size_t)>& body) {
    RunJobs(static_cast<size_t>(threads), count, [&](size_t, size_t i) { body(i); });
  };
}

void RunJobs(size_t num_workers, size_t num_jobs, const JobBody& body,
             const Supervision& supervision) {
  DNE_CHECK(num_workers >= 1);
  const size_t used = std::min(num_workers, num_jobs);
  JobQueue queue(used, num_jobs, supervision.cancel);
  {
    std::vector<std::jthread> threads;
    for (size_t w = 0; w < used; ++w) threads.emplace_back([&, w] { queue.Work(w, body); });
    if (supervision.tick && used > 0) queue.Supervise(supervision);
  }
  queue.RethrowFailure();
}

}  // namespace dne
