/// One step of taking a copy of a store away. A receiver writes nowhere but beside its store: the client asks for one piece
/// after the other, and writes the file itself.
package enum CopyStep: Sendable, Hashable {
    /// Makes a copy, which the receiver holds for the client that has its ticket. There is one at a time of a store.
    case begin
    /// The bytes from this one on, at most ``BusLimits/copyPieceBytes``.
    case piece(number: UInt64, offset: UInt64)
    /// All is here, or nobody wants the rest.
    case end(number: UInt64)
}

/// A copy that a receiver holds.
package struct CopyTicket: Sendable, Hashable, BusRecord {
    /// Who has it: the other receivers of the store have not.
    package let receiver: ReceiverID
    /// Not to be guessed, so that nobody ends the copy of another.
    package let number: UInt64
    package let bytes: UInt64

    static let fields = Fields(CopyTicket.init, \.receiver, \.number, \.bytes)

    package init(receiver: ReceiverID, number: UInt64, bytes: UInt64) {
        self.receiver = receiver
        self.number = number
        self.bytes = bytes
    }
}

/// Bytes of a copy; fewer than were asked for at its end only.
package struct CopyPiece: Sendable, Hashable, BusCoded {
    package let bytes: [UInt8]

    package init(bytes: [UInt8]) { self.bytes = bytes }

    init(reading body: inout ByteReader) throws(BusDecodeError) {
        bytes = Array(try body.blob(limit: BusLimits.copyPieceBytes))
    }

    func write(to body: inout ByteWriter) {
        body.write(UInt32(bytes.count))
        body.write(fixed: bytes)
    }
}

extension CopyStep: BusCoded {
    init(reading body: inout ByteReader) throws(BusDecodeError) {
        switch try body.read(UInt8.self) {
        case 0: self = .begin
        case 1: self = .piece(number: try body.read(), offset: try body.read())
        case 2: self = .end(number: try body.read())
        default: throw .malformed("a step of a copy")
        }
    }

    func write(to body: inout ByteWriter) {
        switch self {
        case .begin: body.write(UInt8(0))
        case .piece(let number, let offset): body.write(UInt8(1), number, offset)
        case .end(let number): body.write(UInt8(2), number)
        }
    }
}
