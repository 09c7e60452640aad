import Bus
import Messages
import Synchronization
import TelehashWire
import TestSupport
import ZeroMQ

/// A router as its clients see it: a second, simpler model, which can be told to misbehave.
final class FakeRouter: Sendable {
    struct Manners: Sendable {
        /// That many requests to publish get no answer.
        var lostReceipts = 0
        /// That many are answered `busy`.
        var busyAnswers = 0
        /// Nothing is answered at all.
        var isMute = false
        var refusal: Refusal?
        /// Answers carry this version.
        var version = BusMessage.version
        var receivers: [Directory.Entry] = []
        /// Named instead, after so many requests for the directory.
        var later: (requests: Int, receivers: [Directory.Entry])?
        var status = ""
    }

    let manners: Shared<Manners>
    /// Every request to publish, resent ones too.
    let published = Mailbox<Publish>()
    let followed = Mailbox<[NodeID]>()
    let unfollowed = Mailbox<RequestID>()
    private let loop: Loop
    private let socket: LoopBound<Socket>
    private let followers = Shared<[Follower]>([])

    struct Follower: Sendable, Hashable {
        let peer: [UInt8]
        let request: RequestID
    }

    init(_ bus: String, _ manners: Manners = Manners()) async throws {
        self.manners = Shared(manners)
        let loop = try Loop(name: "fake router")
        self.loop = loop
        socket = try await loop.run { context in
            var options = SocketOptions()
            options.sendHighWater = 10_000
            let socket = try context.socket(.router, options)
            try socket.bind(bus)
            return LoopBound(socket, in: context)
        }
        loop.post { [self, socket] context in
            socket.value(in: context).onReceive = { [weak self] frames in self?.received(frames, in: context) }
        }
    }

    /// Sends a message to every follower.
    func live(_ messages: [SignedMessage]) {
        loop.post { [self] context in
            for message in messages {
                for follower in followers.value {
                    socket.value(in: context).send(
                        [follower.peer] + BusMessage.live(follower.request, message, receivedAt: 7).frames())
                }
            }
        }
    }

    func stop() async { await loop.shutdown() }

    private func received(_ frames: [[UInt8]], in context: LoopContext) {
        guard let message = try? BusMessage.decode(frames.dropFirst()) else { return }
        let manners = manners.value
        switch message {
        case .publish(let publish):
            published.append(publish)
            answer(publish, manners, frames[0], in: context)
        case .directoryRequest(let request):
            reply(.directory(request, directory()), to: frames[0], in: context)
        case .statusRequest(let request): reply(.status(request, json: manners.status), to: frames[0], in: context)
        case .follow(let request, let ends):
            followers.change { $0 = [Follower(peer: frames[0], request: request)] }
            followed.append(ends)
            reply(.following(request), to: frames[0], in: context)
        case .unfollow(let request): unfollowed.append(request)
        default: break
        }
    }

    private func directory() -> Directory {
        manners.change { manners in
            guard let later = manners.later else { return }
            manners.later?.requests -= 1
            if later.requests <= 0 { manners.receivers = later.receivers }
        }
        return Directory(routerVersion: "fake", receivers: manners.value.receivers)
    }

    private func answer(_ publish: Publish, _ manners: Manners, _ peer: [UInt8], in context: LoopContext) {
        if manners.lostReceipts > 0 { return self.manners.change { $0.lostReceipts -= 1 } }
        if manners.busyAnswers > 0 {
            self.manners.change { $0.busyAnswers -= 1 }
            return reply(.refusal(publish.request, Refusal(code: "busy", text: "later")), to: peer, in: context)
        }
        if let refusal = manners.refusal { return reply(.refusal(publish.request, refusal), to: peer, in: context) }
        let receipt = Receipt(id: publish.message.id, stored: [], relayed: 1, complete: true)
        reply(.receipt(publish.request, receipt), to: peer, in: context)
    }

    private func reply(_ message: BusMessage, to peer: [UInt8], in context: LoopContext) {
        let manners = manners.value
        if manners.isMute { return }
        var frames = message.frames()
        frames[0][2] = manners.version
        socket.value(in: context).send([peer] + frames)
    }
}

/// A value behind a lock, for fakes and tests to share.
final class Shared<Value: Sendable>: Sendable {
    private let mutex: Mutex<Value>

    init(_ value: Value) { mutex = Mutex(value) }

    var value: Value { mutex.withLock { $0 } }

    func change(_ body: (inout Value) -> Void) { mutex.withLock { body(&$0) } }
}
