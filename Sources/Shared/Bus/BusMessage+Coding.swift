extension BusMessage {
    /// The fourth byte of the header. A number is never reused for something else.
    enum Kind: UInt8, CaseIterable {
        case publish = 1, follow, unfollow, directoryRequest, statusRequest, deadLettersRequest
        case hello = 10, acks, receiverBeat, goodbye
        case welcome = 20, deliver, routerBeat, whoAreYou, channels
        case receipt = 30, refusal, following, live, directory, status, deadLetters
        case query = 40, answer, control
        case committed = 50, pulse, ruled
        case problem = 60
    }

    /// The start of every header: what a feed's subscriber subscribes to.
    package static let topic: [UInt8] = [UInt8(ascii: "P"), UInt8(ascii: "2")]

    /// Bytes of the header: `P`, `2`, version, kind.
    private static let headerBytes = 4

    /// Header and body, ready to send: one frame.
    ///
    /// It is one on purpose. A dealer whose connection ends while it reads the second frame of a message ends the process
    /// (libzmq up to 4.3.5: `!_more`, fq.cpp), and reading one frame it cannot be in between.
    package func frames() -> [[UInt8]] {
        switch self {
        case .publish(let publish): frames(.publish, publish)
        case .follow(let request, let ends): frames(.follow, request, ends)
        case .unfollow(let request): frames(.unfollow, request)
        case .directoryRequest(let request): frames(.directoryRequest, request)
        case .statusRequest(let request): frames(.statusRequest, request)
        case .deadLettersRequest(let request, let redeliver): frames(.deadLettersRequest, request, redeliver)
        case .receipt(let request, let receipt): frames(.receipt, request, receipt)
        case .refusal(let request, let refusal): frames(.refusal, request, refusal)
        case .following(let request): frames(.following, request)
        case .live(let request, let message, let receivedAt): frames(.live, request, receivedAt, message)
        case .directory(let request, let directory): frames(.directory, request, directory)
        case .status(let request, let json): frames(.status, request, json)
        case .deadLetters(let request, let letters): frames(.deadLetters, request, letters)
        case .hello(let hello): frames(.hello, hello)
        case .acks(let acks): frames(.acks, acks)
        case .receiverBeat(let receiver, let messages): frames(.receiverBeat, receiver, messages)
        case .goodbye(let receiver): frames(.goodbye, receiver)
        case .welcome(let receiver): frames(.welcome, receiver)
        case .deliver(let deliveries): frames(.deliver, deliveries)
        case .routerBeat: frames(.routerBeat)
        case .whoAreYou: frames(.whoAreYou)
        case .channels(let channels): frames(.channels, channels)
        case .query(let request, let query, let wait): frames(.query, request, wait, query)
        case .control(let request, let control): frames(.control, request, control)
        case .answer(let request, let answer): frames(.answer, request, answer)
        case .committed(let pulse, let rows): frames(.committed, pulse, rows)
        case .pulse(let pulse): frames(.pulse, pulse)
        case .ruled(let pulse, let rules): frames(.ruled, pulse, rules)
        case .problem(let request, let code, let text): frames(.problem, request, Refusal(code: code, text: text))
        }
    }

    private func frames(_ kind: Kind, _ body: some BusCoded) -> [[UInt8]] {
        frames(kind) { $0.write(body) }
    }

    private func frames(_ kind: Kind, _ first: some BusCoded, _ second: some BusCoded) -> [[UInt8]] {
        frames(kind) { $0.write(first, second) }
    }

    private func frames(
        _ kind: Kind, _ first: some BusCoded, _ second: some BusCoded, _ third: some BusCoded
    ) -> [[UInt8]] {
        frames(kind) { $0.write(first, second, third) }
    }

    private func frames(_ kind: Kind, body: (inout ByteWriter) -> Void = { _ in }) -> [[UInt8]] {
        var frame = ByteWriter()
        frame.write(fixed: Self.topic)
        frame.write(Self.version, kind.rawValue)
        body(&frame)
        return [frame.bytes]
    }

    /// Reads the frames behind the routing frame.
    ///
    /// - Parameter trustsStores: whether rows come from a store of the same node: their messages, which it checked when it
    ///   took them, are not checked again. Not for a client that may be connected to a stranger's bus.
    /// - Throws: ``BusDecodeError``. It concerns this one message: count it, answer ``problem`` where there is somebody
    ///   to answer, and go on reading.
    package static func decode(
        _ frames: some RandomAccessCollection<[UInt8]>, trustsStores: Bool = false
    ) throws(BusDecodeError) -> BusMessage {
        guard frames.count == 1, let frame = frames.first, frame.count >= headerBytes, frame.starts(with: topic) else {
            throw .notOurs
        }
        guard frame[2] == version else { throw .unknownVersion(frame[2]) }
        guard let kind = Kind(rawValue: frame[3]) else { throw .unknownKind(frame[3]) }
        var body = ByteReader(frame, from: headerBytes, trustsStores: trustsStores)
        let message = try read(kind, from: &body)
        try body.end()
        return message
    }

    private static func read(_ kind: Kind, from body: inout ByteReader) throws(BusDecodeError) -> BusMessage {
        switch kind {
        case .publish: return .publish(try body.read())
        case .follow: return .follow(try body.read(), ends: try body.read())
        case .unfollow: return .unfollow(try body.read())
        case .directoryRequest: return .directoryRequest(try body.read())
        case .statusRequest: return .statusRequest(try body.read())
        case .deadLettersRequest: return .deadLettersRequest(try body.read(), redeliver: try body.read())
        case .receipt: return .receipt(try body.read(), try body.read())
        case .refusal: return .refusal(try body.read(), try body.read())
        case .following: return .following(try body.read())
        case .live:
            let (request, receivedAt) = (try body.read(RequestID.self), try body.read(Int64.self))
            return .live(request, try body.read(), receivedAt: receivedAt)
        case .directory: return .directory(try body.read(), try body.read())
        case .status: return .status(try body.read(), json: try body.text(limit: BusLimits.frameBytes))
        case .deadLetters: return .deadLetters(try body.read(), try body.read())
        case .hello: return .hello(try body.read())
        case .acks: return .acks(try body.read())
        case .receiverBeat: return .receiverBeat(try body.read(), messages: try body.read())
        case .goodbye: return .goodbye(try body.read())
        case .welcome: return .welcome(try body.read())
        case .deliver: return .deliver(try body.read())
        case .routerBeat: return .routerBeat
        case .whoAreYou: return .whoAreYou
        case .channels: return .channels(try body.read())
        case .query:
            let (request, wait) = (try body.read(RequestID.self), try body.read(UInt32.self))
            return .query(request, try body.read(), waitMilliseconds: wait)
        case .control: return .control(try body.read(), try body.read())
        case .answer: return .answer(try body.read(), try body.read())
        case .committed: return .committed(try body.read(), try body.read())
        case .pulse: return .pulse(try body.read())
        case .ruled: return .ruled(try body.read(), try body.read())
        case .problem:
            let (request, refusal) = (try body.read(RequestID?.self), try body.read(Refusal.self))
            return .problem(request: request, code: refusal.code, text: refusal.text)
        }
    }

    /// The request that an unreadable message would have been, where its first bytes tell: so that a client of another
    /// version gets its error instead of waiting.
    package static func requestID(ofUnreadable frames: some RandomAccessCollection<[UInt8]>) -> RequestID? {
        guard frames.count == 1, let frame = frames.first, frame.count >= headerBytes else { return nil }
        var body = ByteReader(frame, from: headerBytes)
        return try? body.read(RequestID.self)
    }
}
