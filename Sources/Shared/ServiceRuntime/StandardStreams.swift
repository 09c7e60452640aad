import Glibc

/// Writing to the standard streams, whole and unbuffered, so that lines of several threads never mix.
public enum StandardStreams {
    /// Writes all bytes to standard output.
    /// - Returns: false if the reader is gone (`| head`) or the write failed; the caller then stops quietly.
    @discardableResult
    public static func out(_ text: String) -> Bool { write(text, to: STDOUT_FILENO) }

    /// Writes all bytes to standard error; what cannot be written is lost.
    public static func error(_ text: String) { _ = write(text, to: STDERR_FILENO) }

    /// A reader that goes away must be an error value at the write, not a signal that kills the process.
    public static func ignoreBrokenPipes() { signal(SIGPIPE, SIG_IGN) }

    static func write(_ text: String, to descriptor: Int32) -> Bool {
        var text = text
        return text.withUTF8 { write($0, to: descriptor) }
    }

    private static func write(_ bytes: UnsafeBufferPointer<UInt8>, to descriptor: Int32) -> Bool {
        var rest = UnsafeRawBufferPointer(bytes)
        while !rest.isEmpty {
            let written = Glibc.write(descriptor, rest.baseAddress, rest.count)
            if written > 0 {
                rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
            } else if written < 0, errno == EAGAIN {
                var waiting = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                poll(&waiting, 1, -1)
            } else if written < 0, errno == EINTR {
                continue
            } else {
                return false
            }
        }
        return true
    }
}

/// The system's words for an error number, for example "Address already in use".
public func describe(errno number: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 128)
    guard strerror_r(number, &buffer, buffer.count) == 0 else { return "error \(number)" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
