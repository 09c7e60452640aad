extension BusMessage {
    /// The fourth byte of the header. A number is never reused for something else.
    enum Kind: UInt8, CaseIterable {
        case publish = 1, follow, unfollow, directoryRequest, statusRequest, deadLettersRequest
        case hello = 10, acks, receiverBeat, goodbye
        case welcome = 20, deliver, routerBeat, whoAreYou, channels
        case receipt = 30, refusal, following, live, directory, status, deadLetters
        case query = 40, answer, control
        case committed = 50, pulse
        case problem = 60
    }

    var kind: Kind {
        switch self {
        case .publish: .publish
        case .follow: .follow
        case .unfollow: .unfollow
        case .directoryRequest: .directoryRequest
        case .statusRequest: .statusRequest
        case .deadLettersRequest: .deadLettersRequest
        case .receipt: .receipt
        case .refusal: .refusal
        case .following: .following
        case .live: .live
        case .directory: .directory
        case .status: .status
        case .deadLetters: .deadLetters
        case .hello: .hello
        case .acks: .acks
        case .receiverBeat: .receiverBeat
        case .goodbye: .goodbye
        case .welcome: .welcome
        case .deliver: .deliver
        case .routerBeat: .routerBeat
        case .whoAreYou: .whoAreYou
        case .channels: .channels
        case .query: .query
        case .control: .control
        case .answer: .answer
        case .committed: .committed
        case .pulse: .pulse
        case .problem: .problem
        }
    }

    /// Bytes of the header: `P`, `2`, version, kind.
    static let headerBytes = 4

    /// What every message begins with.
    static func header(version: UInt8 = Self.version, kind: UInt8) -> [UInt8] {
        [UInt8(ascii: "P"), UInt8(ascii: "2"), version, kind]
    }

    /// The start of every header: what a feed's subscriber subscribes to.
    package static let topic: [UInt8] = [UInt8(ascii: "P"), UInt8(ascii: "2")]
}
