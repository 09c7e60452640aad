/// How many copies of each message every node sent and got: what relaying costs, which deliveries don't show because a
/// switch delivers once.
struct CopyLedger: Sendable {
    struct Copies: Sendable {
        var sent: [Int: Int] = [:]
        var received: [Int: Int] = [:]
    }

    /// The text by which a message is known in a datagram; six digits of its number follow.
    static let mark = "simulated-"
    private static let markBytes = Array(mark.utf8)
    private static let digits = 6

    private var copies: [Int: Copies] = [:]

    /// Whether any message is counted.
    var isOpen: Bool { !copies.isEmpty }

    /// The text of a message.
    static func text(of message: Int) -> String {
        let number = String(message % 1_000_000)
        return mark + String(repeating: "0", count: digits - number.utf8.count) + number
    }

    /// The number in a text or datagram that holds a message.
    static func message(in bytes: [UInt8]) -> Int? {
        bytes.withUnsafeBufferPointer { bytes in
            let length = markBytes.count
            guard bytes.count >= length + digits else { return nil }
            for start in 0...(bytes.count - length - digits) where bytes[start] == markBytes[0] {
                guard (1..<length).allSatisfy({ bytes[start + $0] == markBytes[$0] }) else { continue }
                return bytes[(start + length)..<(start + length + digits)].reduce(0) { $0 * 10 + Int($1 &- 48) }
            }
            return nil
        }
    }

    mutating func sent(_ datagram: [UInt8], by node: Int) {
        guard let message = CopyLedger.message(in: datagram) else { return }
        copies[message]?.sent[node, default: 0] += 1
    }

    mutating func received(_ datagram: [UInt8], at node: Int) {
        guard let message = CopyLedger.message(in: datagram) else { return }
        copies[message]?.received[node, default: 0] += 1
    }

    /// Begins to count the copies of a message.
    mutating func open(_ message: Int) { copies[message] = Copies() }

    /// Ends counting and returns what was counted.
    mutating func close(_ message: Int) -> Copies { copies.removeValue(forKey: message) ?? Copies() }
}
