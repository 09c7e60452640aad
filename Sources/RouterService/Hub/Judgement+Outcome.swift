import Bus
import Messages

import enum Telehash.Judgement

extension Judgement {
    /// What a receiver's answer says of a message's signature; nil: nothing, or nothing that is to cost or to help anybody.
    init?(_ outcome: Ack.Outcome) {
        switch outcome {
        case .stored: self = .genuine
        // The same signature was found right before, or just now.
        case .duplicate: self = .unknown
        case .refused(let refusal):
            guard let judgement = Judgement.ofRefusals[refusal.code] else { return nil }
            self = judgement
        // A transaction follows the check. A receiver that is busy has not looked.
        case .failed(let refusal):
            guard refusal.code != "busy" else { return nil }
            self = .unknown
        }
    }

    private static let ofRefusals: [String: Judgement] = [
        MessageErrorCode.signatureWrong.rawValue: .forged, MessageErrorCode.keyWeak.rawValue: .forged,
        // Said once the signature held: it is for others to say what they take.
        Refusal.rateLimited.code: .unknown, "store_nearly_full": .unknown,
        MessageErrorCode.atInFuture.rawValue: .unknown,
        // Said before anybody looked.
        Refusal.strangerRateLimited.code: .unchecked,
        "key_blocked": .unchecked, "key_not_allowed": .unchecked, "message_expired": .unchecked,
        "weak_signature_refused": .unchecked,
        // That of who brought it; said before anybody looked, too.
        Refusal.strangersRateLimited.code: .overRate, Refusal.sourceRateLimited.code: .overRate,
    ]

    /// What the switch is told of signals that are no message.
    init(_ error: MessageError) {
        // An author of a kind that is not known here may be from the future; but anything can be made to look like that.
        self = error.code == .signatureMalformed || error.code == .keyWeak ? .forged : .unchecked
    }
}
