import Testing

@testable import TestSupport

@Suite struct FreePortTests {
    @Test func ports_areToldOnce_andAreNotOnesThatAConnectionMayGet() throws {
        let end = FreePort.firstEphemeral()
        let ports = try (0..<400).map { try $0.isMultiple(of: 2) ? FreePort.tcp() : FreePort.udp() }
        #expect(Set(ports).count == ports.count)
        #expect(ports.allSatisfy { $0 < end })
    }
}
