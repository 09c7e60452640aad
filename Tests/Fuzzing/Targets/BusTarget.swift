import Bus

/// Any bytes as a frame from another process: read or refused, and the same when written again.
enum BusTarget {
    static func run(_ input: UnsafeBufferPointer<UInt8>, timing timer: inout CallTimer) throws(Finding) {
        let frame = Array(input)
        let message: BusMessage
        do throws(BusDecodeError) {
            message = try timer.time { () throws(BusDecodeError) in try BusMessage.decode([frame]) }
        } catch {
            _ = timer.time { BusMessage.requestID(ofUnreadable: [frame]) }
            return
        }
        let frames = timer.time { message.frames() }
        do throws(BusDecodeError) {
            let again = try timer.time { () throws(BusDecodeError) in try BusMessage.decode(frames) }
            try check(again.frames() == frames)
        } catch {
            throw Finding("what we write is refused: \(error)")
        }
    }

    private static func check(_ isSame: Bool) throws(BusDecodeError) {
        guard isSame else { throw .malformed("a frame that was written and read again") }
    }
}
