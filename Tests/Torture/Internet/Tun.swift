import Foundation
import TestSupport

/// A network device whose wire is a descriptor: what the namespace sends can be read from it, packet by packet, and what
/// is written to it arrives in the namespace as if from outside.
final class Tun: Sendable {
    let name: String
    /// The namespace that has the device; held, because the device ends with it.
    let space: NetworkSpace
    let descriptor: Int32

    /// `TUNSETIFF` of `linux/if_tun.h`, and its flags for packets without a header of the device's own.
    private static let (setInterface, flags) = (UInt(0x4004_54ca), Int16(0x0001 | 0x1000))
    private static let (nameBytes, requestBytes) = (16, 40)
    /// Packets that wait for us: 100 ms of 100,000 a second.
    private static let queueLength = 10_000

    init(in space: NetworkSpace, name: String) throws {
        self.name = name
        self.space = space
        descriptor = open("/dev/net/tun", O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError("open /dev/net/tun") }
        var request = [UInt8](repeating: 0, count: Self.requestBytes)
        for (index, byte) in name.utf8.prefix(Self.nameBytes - 1).enumerated() { request[index] = byte }
        withUnsafeBytes(of: Self.flags) { request.replaceSubrange(Self.nameBytes..<Self.nameBytes + 2, with: $0) }
        guard ioctl(descriptor, Self.setInterface, &request) == 0 else {
            let error = SystemError("make a TUN device")
            Foundation.close(descriptor)
            throw error
        }
        try NetworkTool.run("ip", "link", "set", name, "netns", space.name)
    }

    /// Gives the device its address, and all traffic of the namespace.
    func bringUp(_ address: String) throws {
        try space.ip("addr", "add", address + "/32", "dev", name)
        try space.ip("link", "set", name, "up", "txqueuelen", "\(Self.queueLength)")
        try space.ip("route", "add", "default", "dev", name)
    }

    /// Takes the device away; who reads it gets an error.
    func close() {
        try? space.ip("link", "del", name)
        Foundation.close(descriptor)
    }

    /// Reads packets until the device is gone, on a thread of its own.
    func readAll(_ body: @escaping @Sendable (UnsafeRawBufferPointer) -> Void) {
        // The thread has a copy of the descriptor, so that closing ours can't make it read a stranger's.
        let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        Thread.detachNewThread {
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 8)
            defer { buffer.deallocate() }
            while true {
                let count = read(copy, buffer.baseAddress, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { break }
                body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            }
            Foundation.close(copy)
        }
    }

    /// Lets a packet arrive in the namespace. Lost when the device is gone or full, as on any wire.
    func deliver(_ packet: UnsafeRawBufferPointer) { _ = write(descriptor, packet.baseAddress, packet.count) }
}
