// SPDX-License-Identifier: MIT
// A queue whose jobs are started by `Starter::Start(body)`.
#pragma once

#include "dne/gpu/kernels-inl.h"
#include "dne/gpu/queue.h"

namespace dne::gpu {

template <class Starter>
class QueueOf : public Queue {
 public:
  void Run(const PerturbJob& job) override { Dispatch(job, start_); }
  void Run(const FactorJob& job) override { Dispatch(job, start_); }
  void Run(const ObserveJob& job) override { Dispatch(job, start_); }
  void Run(const ConvolveJob& job) override { Dispatch(job, start_); }
  void Run(const PoolJob& job) override { Dispatch(job, start_); }
  void Run(const AverageJob& job) override { Dispatch(job, start_); }
  void Run(const DenseJob& job) override { Dispatch(job, start_); }
  void Run(const AddJob& job) override { Dispatch(job, start_); }
  void Run(const ProjectJob& job) override { Dispatch(job, start_); }
  void Run(const OutputsJob& job) override { Dispatch(job, start_); }
  void Run(const SumJob& job) override { Dispatch(job, start_); }
  void Run(const TermFactorJob& job) override { Dispatch(job, start_); }
  void Run(const ProductsJob& job) override { Dispatch(job, start_); }
  void Run(const MultiplyAddJob& job) override { Dispatch(job, start_); }

 protected:
  explicit QueueOf(Starter start) : start_(start) {}

 private:
  Starter start_;
};

}  // namespace dne::gpu
