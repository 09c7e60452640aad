import Messages

extension BusMessage {
    /// Header and body, ready to send: one frame.
    ///
    /// It is one on purpose. A dealer whose connection ends while it reads the second frame of a message ends the process
    /// (libzmq up to 4.3.5: `!_more`, fq.cpp), and reading one frame it cannot be in between.
    package func frames() -> [[UInt8]] {
        var frame = ByteWriter()
        frame.write(fixed: Self.header(kind: kind.rawValue))
        write(to: &frame)
        return [frame.bytes]
    }

    private func write(to body: inout ByteWriter) {
        switch self {
        case .publish(let publish): body.write(publish)
        case .follow(let request, let ends):
            body.write(request.value)
            body.write(ends) { $0.write(fixed: $1.bytes) }
        case .unfollow(let request), .directoryRequest(let request), .statusRequest(let request),
            .following(let request):
            body.write(request.value)
        case .deadLettersRequest(let request, let redeliver):
            body.write(request.value)
            body.write(redeliver)
        case .deadLetters(let request, let letters):
            body.write(request.value)
            body.write(letters) { $0.write($1) }
        case .receipt(let request, let receipt):
            body.write(request.value)
            body.write(receipt)
        case .refusal(let request, let refusal):
            body.write(request.value)
            body.write(refusal)
        case .live(let request, let message, let receivedAt):
            body.write(request.value)
            body.write(receivedAt)
            body.write(message.encoded())
        case .directory(let request, let directory):
            body.write(request.value)
            body.write(directory)
        case .status(let request, let json):
            body.write(request.value)
            body.write(json)
        case .hello(let hello): body.write(hello)
        case .acks(let acks): body.write(acks) { $0.write($1) }
        case .receiverBeat(let receiver, let messages):
            body.write(receiver.id)
            body.write(messages) { $0.write($1) }
        case .goodbye(let receiver), .welcome(let receiver): body.write(receiver.id)
        case .channels(let channels): body.write(channels) { $0.write($1.name) }
        case .deliver(let deliveries): body.write(deliveries) { $0.write($1) }
        case .routerBeat, .whoAreYou: break
        case .query(let request, let query):
            body.write(request.value)
            body.write(query)
        case .control(let request, let control):
            body.write(request.value)
            body.write(control)
        case .answer(let request, let answer):
            body.write(request.value)
            body.write(answer)
        case .committed(let commit):
            body.write(commit.pulse)
            body.write(commit.rows) { $0.write($1) }
        case .pulse(let pulse): body.write(pulse)
        case .problem(let request, let code, let text):
            body.write(request) { $0.write($1.value) }
            body.write(Refusal(code: code, text: text))
        }
    }
}

extension ByteWriter {
    fileprivate mutating func write(_ publish: Publish) {
        write(publish.request.value)
        write(publish.acks) { $0.write($1) }
        write(publish.waitMilliseconds)
        write(publish.message.encoded())
    }

    fileprivate mutating func write(_ receipt: Receipt) {
        write(fixed: receipt.id.bytes)
        write(receipt.stored) { $0.write($1.id) }
        write(UInt32(clamping: receipt.relayed))
        write(receipt.complete)
        write(receipt.hindrance) { $0.write($1) }
    }

    fileprivate mutating func write(_ refusal: Refusal) {
        write(refusal.code)
        write(refusal.text)
    }

    fileprivate mutating func write(_ hello: Hello) {
        write(hello.receiver.id)
        write(hello.store.id)
        write(hello.queryEndpoint)
        write(hello.feedEndpoint)
        write(hello.channels) { $0.write($1.name) }
        write(hello.credit)
        write(hello.version)
        write(hello.key) { $0.write($1) }
    }

    fileprivate mutating func write(_ directory: Directory) {
        write(directory.routerVersion)
        write(directory.receivers) { writer, entry in
            writer.write(entry.receiver.id)
            writer.write(entry.store.id)
            writer.write(entry.queryEndpoint)
            writer.write(entry.feedEndpoint)
            writer.write(entry.channels) { $0.write($1.name) }
            writer.write(entry.key) { $0.write($1) }
        }
        write(directory.channels) { writer, channels in writer.write(channels) { $0.write($1.name) } }
    }

    fileprivate mutating func write(_ delivery: Delivery) {
        write(delivery.id.value)
        write(delivery.attempt)
        write(delivery.source)
        write(delivery.message.encoded())
    }

    fileprivate mutating func write(_ ack: Ack) {
        write(ack.id.value)
        switch ack.outcome {
        case .stored: write(UInt8(0))
        case .duplicate: write(UInt8(1))
        case .refused(let refusal):
            write(UInt8(2))
            write(refusal)
        case .failed(let refusal):
            write(UInt8(3))
            write(refusal)
        }
    }

    fileprivate mutating func write(_ query: Query) {
        switch query {
        case .timeline(let timeline):
            // A search is a kind of its own, so that receivers that know of none say so.
            if let search = timeline.search {
                write(UInt8(5))
                write(search.text)
            } else {
                write(UInt8(0))
            }
            write(timeline.before) {
                $0.write($1.time)
                $0.write(fixed: $1.id.bytes)
            }
            write(timeline.since) { $0.write($1) }
            write(timeline.end) { $0.write(fixed: $1.bytes) }
            write(timeline.author) { $0.write($1.text) }
            write(timeline.limit)
        case .message(let id):
            write(UInt8(1))
            write(fixed: id.bytes)
        case .after(let position, let limit):
            write(UInt8(2))
            write(position)
            write(limit)
        case .summary: write(UInt8(3))
        case .rules(let kind, let after, let limit):
            write(UInt8(4))
            write(kind.rawValue)
            write(after) { $0.write($1) }
            write(limit)
        case .find(let sought):
            write(UInt8(6))
            write(sought)
        case .channels: write(UInt8(7))
        }
    }

    private mutating func write(_ sought: Query.Sought) {
        switch sought {
        case .message(let prefix):
            write(UInt8(0))
            write(prefix)
        case .key(let prefix, let suffix):
            write(UInt8(1))
            write(prefix)
            write(suffix)
        case .name(let name):
            write(UInt8(2))
            write(name.text)
        }
    }

    fileprivate mutating func write(_ answer: Answer) {
        write(answer.store.id)
        write(answer.position)
        switch answer.body {
        case .rows(let rows, let more):
            write(UInt8(0))
            write(rows) { $0.write($1) }
            write(more)
        case .summary(let summary):
            write(UInt8(1))
            write(summary.messages)
            write(summary.hidden)
            write(summary.authors)
            write(summary.bytes)
            write(summary.channels) { writer, channel in
                writer.write(fixed: channel.end.bytes)
                writer.write(channel.name) { $0.write($1) }
                writer.write(channel.messages)
            }
            write(summary.notices) { writer, notice in
                writer.write(notice.code)
                writer.write(notice.text)
            }
        case .refused(let refusal):
            write(UInt8(2))
            write(refusal)
        case .rules(let rules, let more):
            write(UInt8(3))
            write(rules) { $0.write($1) }
            write(more)
        case .imported(let counts):
            write(UInt8(4))
            write(counts)
        case .done(let count):
            write(UInt8(5))
            write(count)
        case .found(let candidates):
            write(UInt8(6))
            write(candidates) { $0.write($1) }
        case .channels(let channels):
            write(UInt8(7))
            write(channels) { writer, channel in
                writer.write(fixed: channel.end.bytes)
                writer.write(channel.name) { $0.write($1) }
                writer.write(channel.messages)
                writer.write(channel.lastAt) { $0.write($1) }
            }
        }
    }

    private mutating func write(_ candidate: Candidate) {
        switch candidate {
        case .message(let id):
            write(UInt8(0))
            write(fixed: id.bytes)
        case .author(let key, let name):
            write(UInt8(1))
            write(key.text)
            write(name)
        }
    }

    private mutating func write(_ name: AuthorName) {
        write(name.claimed?.text) { $0.write($1) }
        write(name.pinned?.text) { $0.write($1) }
        write(name.namesake?.text) { $0.write($1) }
    }

    fileprivate mutating func write(_ row: Row) {
        write(row.position)
        write(fixed: row.stored.message.id.bytes)
        write(row.stored)
        write(row.author)
    }

    fileprivate mutating func write(_ pulse: Pulse) {
        write(pulse.store.id)
        write(pulse.receiver.id)
        write(pulse.epoch)
        write(pulse.sequence)
        write(pulse.position)
    }
}
