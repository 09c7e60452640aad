import CZeroMQ

extension LoopContext {
    /// Turns until the mailbox was closed and the last job ran. Gives back how long the sockets may linger.
    func turnUntilClosed() -> Duration {
        var jobs: ArraySlice<Mailbox.Job> = []
        var isClosing = false
        while true {
            if jobs.isEmpty {
                let batch = mailbox.take()
                if !batch.isOpen && batch.jobs.isEmpty { return batch.linger }
                jobs = batch.jobs[...]
                isClosing = !batch.isOpen
            }
            for job in jobs.prefix(ZeroMQLimits.jobsPerTurn) { job(self) }
            jobs = jobs.dropFirst(ZeroMQLimits.jobsPerTurn)
            timers.fire(now: .now, onError: onError)
            // A closed mailbox wakes nobody any more.
            poll(timeout: jobs.isEmpty && !isClosing ? timeout() : 0)
        }
    }

    /// Milliseconds until the next timer, rounded up; -1 when there is none.
    private func timeout() -> Int {
        guard let deadline = timers.nextDeadline else { return -1 }
        let left = SuspendingClock.now.duration(to: deadline) / .milliseconds(1)
        return left > 0 ? Int(min(left + 1, 3_600_000)) : 0
    }

    /// Waits for sockets, jobs or the timeout, and hands over what the sockets have, each a bounded number of messages.
    private func poll(timeout: Int) {
        if pollItemsAreStale { renewPollItems() }
        let ready = zmq_poll(&pollItems, Int32(pollItems.count), timeout)
        // Nothing, or EINTR; closing sockets is done on this thread, so there is no other error.
        guard ready > 0 else { return }
        // A callback may close sockets and make new ones: this list stays as it was polled.
        let (items, polled) = (pollItems, polledSockets)
        for (item, socket) in zip(items.dropFirst(), polled) {
            if item.revents & Int16(ZMQ_POLLOUT) != 0 { socket.becameWritable() }
            if item.revents & Int16(ZMQ_POLLIN) != 0 { socket.receiveBurst() }
        }
    }

    private func renewPollItems() {
        polledSockets = sockets.filter { $0.pollEvents != 0 }
        // The first item is the mailbox. It is read when the jobs are taken.
        pollItems = [zmq_pollitem_t(socket: nil, fd: mailbox.wakeDescriptor, events: Int16(ZMQ_POLLIN), revents: 0)]
        for socket in polledSockets {
            pollItems.append(zmq_pollitem_t(socket: socket.handle, fd: 0, events: socket.pollEvents, revents: 0))
        }
        pollItemsAreStale = false
    }
}
