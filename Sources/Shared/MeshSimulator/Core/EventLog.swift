import Telehash

/// The last things that happened to one node, in words: for the report of a failure.
struct EventLog: Sendable {
    let node: Int
    private let capacity: Int
    private var lines: [String] = []
    private var head = 0

    init(of node: Int, capacity: Int) {
        self.node = node
        self.capacity = max(1, capacity)
    }

    mutating func add(_ text: String, at time: Instant) {
        let line = "\(time.seconds) s  \(text)"
        if lines.count < capacity {
            lines.append(line)
        } else {
            lines[head] = line
            head = (head + 1) % capacity
        }
    }

    /// Oldest first.
    var text: [String] { Array(lines[head...] + lines[..<head]) }

    /// A datagram as far as it is readable.
    static func text(of datagram: [UInt8]) -> String {
        String(decoding: datagram.map { (32..<127).contains($0) ? $0 : 46 }, as: UTF8.self)
    }
}
