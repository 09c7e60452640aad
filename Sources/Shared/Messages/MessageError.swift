/// Why a message was refused. It names what is hurt: this one message.
package typealias MessageError = CodedError<MessageErrorCode>

/// A stable name for programs; receipts, the API and counters carry the raw value.
package enum MessageErrorCode: String, Hashable, Sendable, CaseIterable {
    case textEmpty = "text_empty"
    /// Nothing in it can be seen.
    case textBlank = "text_blank"
    /// The text does not fit; the sentence says by how many bytes.
    case textTooLong = "text_too_long"
    case textNotUTF8 = "text_not_utf8"
    case textHasControlCharacters = "text_has_control_characters"
    case keyMalformed = "key_malformed"
    /// A 2011 key that everybody can sign with.
    case keyWeak = "key_weak"
    case signatureMalformed = "signature_malformed"
    /// Well spelled, but it does not belong to these signals and this key.
    case signatureWrong = "signature_wrong"
    case atMalformed = "at_malformed"
    case atInFuture = "at_in_future"
    case endMalformed = "end_malformed"
    case missingSignal = "missing_signal"
    /// A name or value of a signal that no signal can have.
    case signalMalformed = "signal_malformed"
    case tooManySignals = "too_many_signals"
    /// Without any text the signals would not fit either.
    case telexTooLong = "telex_too_long"
    case channelMalformed = "channel_malformed"
    /// The binary form is not one that ``SignedMessage/encoded()`` writes.
    case encodingMalformed = "encoding_malformed"
    case jsonMalformed = "json_malformed"
    case jsonTooLong = "json_too_long"
    /// The JSON names another id than its signals have.
    case idMismatch = "id_mismatch"
    /// The JSON says something else beside its signals than they do.
    case jsonContradictory = "json_contradictory"
}
