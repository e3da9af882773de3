import CLinux

// How a process runs. Each gives 0, or a negated error number.
extension Process {
    /// - Parameter niceness: -20...19.
    package static func setNiceness(_ niceness: Int, of process: Int32) -> Int32 {
        clinux_set_niceness(process, Int32(clamping: niceness))
    }

    /// SCHED_RR; children do not inherit it.
    ///
    /// - Parameter priority: 1...99.
    package static func setRealTime(_ priority: Int, of process: Int32) -> Int32 {
        clinux_set_real_time(process, Int32(clamping: priority))
    }

    /// The real-time priority in force; 0: none.
    package static func realTimePriority(of process: Int32) -> Int {
        Int(clinux_real_time_priority(process))
    }

    /// Processor time without a blocking call, after which the kernel ends a real-time process.
    package static func limitRealTime(_ microseconds: Int, of process: Int32) -> Int32 {
        clinux_limit_real_time(process, UInt(clamping: microseconds))
    }

    package static func setProcessors(_ processors: [Int], of process: Int32) -> Int32 {
        let numbers = processors.map { Int32(clamping: $0) }
        return unsafe numbers.withUnsafeBufferPointer { numbers in
            unsafe clinux_set_processors(process, numbers.baseAddress, Int32(numbers.count))
        }
    }

    /// Nothing of this process is swapped out from here on; nil, or why not. Where the limit of
    /// locked memory cannot be lifted, that holds for what it has now only.
    package static func lockMemory() -> SystemError? {
        let result = clinux_lock_memory()
        return result < 0 ? SystemError("mlockall", code: 0 &- result) : nil
    }
}
