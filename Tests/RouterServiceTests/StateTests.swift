import Dispatch
import Foundation
import Logging
import ServiceRuntime
import Telehash
import TelehashWire
import TestSupport
import Testing

@testable import RouterService

@Suite("The saved switches") struct StateTests {
    private let directory: TemporaryDirectory
    private var file: SwitchFile { SwitchFile(path: directory.file("state/switches")) }

    init() throws { directory = try TemporaryDirectory() }

    private func entries(_ numbers: Range<Int>, at time: Int64 = 1_764_036_677_000) throws -> [SwitchFile.Entry] {
        try numbers.map { number in
            let text = number % 2 == 0 ? "198.51.\(number % 256).7:42424" : "[2001:db8::\(number)]:42424"
            return SwitchFile.Entry(endpoint: try #require(Endpoint(text)), answeredAt: time + Int64(number))
        }
    }

    @Test func file_isReadAsItWasWritten_andNobodyElseMayReadIt() throws {
        #expect(file.read() == .absent)
        let entries = try entries(0..<RouterLimits.savedSwitches)
        try file.write(entries)
        #expect(file.read() == .entries(entries, lines: []))
        let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.file("state")) == ["switches"])
        let size = try #require(attributes[.size] as? Int)
        #expect(size * 2 < RouterLimits.stateBytes, "\(size) bytes")
    }

    /// Their rings are secrets; a router of before passes over them.
    @Test func lines_areCommentsForOlderRouters_andNobodyElseMayReadThem() throws {
        let entries = try entries(0..<RouterLimits.savedSwitches)
        let lines = (0..<Telehash.Limits.default.lines.rememberedLines).compactMap { number in
            Endpoint("[2001:db8:1111:2222:3333:4444:5555:\(number)]:42424").flatMap {
                RememberedLine(
                    endpoint: $0, ringOut: 32_768 - number, ringIn: 1 + number, sent: 999_999_999, received: 999_999_999
                )
            }
        }
        #expect(lines.count == Telehash.Limits.default.lines.rememberedLines)
        try file.write(entries, lines: lines)
        #expect(file.read() == .entries(entries, lines: lines))
        let text = try String(contentsOfFile: file.path, encoding: .utf8)
        let others = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(others.count == entries.count)
        let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
        #expect(attributes[.posixPermissions] as? Int == 0o600)
        #expect(try #require(attributes[.size] as? Int) < RouterLimits.stateBytes / 2)
    }

    @Test(arguments: [
        "#line", "#line 192.0.2.1:42424", "#line 192.0.2.1:42424 0 1 2 3", "#line 192.0.2.1:42424 1 32769 2 3",
        "#line 192.0.2.1:42424 1 2 -3 4", "#line 192.0.2.1:42424 1 2 3 99999999999999999999", "#line x 1 2 3 4",
        "#line 192.0.2.1:42424 1 2 3 4 5",
    ])
    func line_thatIsNone_isAComment(_ text: String) throws {
        let entries = try entries(0..<2)
        try file.write(entries)
        try (SwitchFile.text(entries) + text + "\n").write(toFile: file.path, atomically: false, encoding: .utf8)
        #expect(file.read() == .entries(entries, lines: []))
    }

    @Test func keeper_looksSoonAfterALineBegan_andOtherwiseSeldom() async throws {
        let keeper = StateKeeper(path: file.path, logger: quiet)
        let peer = try #require(Endpoint("192.0.2.1:42424"))
        let line = try #require(RememberedLine(endpoint: peer, ringOut: 2, ringIn: 3, sent: 4, received: 5))
        var progress = StateKeeper.Progress(["lines_proven": 1])
        #expect(!keeper.isDue(uptime: .milliseconds(500), progress: progress))
        #expect(keeper.isDue(uptime: .seconds(1), progress: progress))
        await keeper.save([peer], lines: [line], uptime: .seconds(1))
        #expect(StateKeeper(path: file.path, logger: quiet).remembered(ipv6: false) == [line])
        #expect(StateKeeper(path: file.path, logger: quiet).remembered(ipv6: true) == [])
        #expect(!keeper.isDue(uptime: .seconds(60), progress: progress), "nothing has changed")
        progress.lines += 1
        #expect(keeper.isDue(uptime: .seconds(61), progress: progress))
        progress.lines += 1
        #expect(!keeper.isDue(uptime: .seconds(62), progress: progress), "it looked just now")
        progress.bytesReceived += UInt64(RouterLimits.unsavedBytes)
        #expect(keeper.isDue(uptime: .seconds(66), progress: progress))
        progress.bytesReceived += UInt64(RouterLimits.unsavedBytes)
        #expect(keeper.isDue(uptime: .seconds(72), progress: progress))
    }

    @Test func lineOfAPerson_hasAnAddressOnly() throws {
        let text = SwitchFile.head + "\n\n# by hand\n192.0.2.1:42424\n"
        let endpoint = try #require(Endpoint("192.0.2.1:42424"))
        #expect(SwitchFile.parse(Array(text.utf8)) == .entries([.init(endpoint: endpoint, answeredAt: 0)], lines: []))
    }

    @Test func damage_isNamedWithItsLine() throws {
        let whole = Array(SwitchFile.text(try entries(0..<4)).utf8)
        let lines = whole.split(separator: UInt8(ascii: "\n")).map(\.count)
        for length in 1..<whole.count {
            switch SwitchFile.parse(Array(whole[..<length])) {
            case .foreign: #expect(length < SwitchFile.head.utf8.count)
            case .damaged(let line, _):
                let expected = whole[..<length].count { $0 == UInt8(ascii: "\n") } + 1
                #expect(line == expected, "cut after \(length) bytes")
            case .entries(let entries, _):
                #expect(whole[length - 1] == UInt8(ascii: "\n") && entries.count < 4, "cut after \(length) bytes")
            case .absent: Issue.record("cut after \(length) bytes")
            }
        }
        for bad in ["999.1.1.1:4 2026-11-25", "192.0.2.1:42424 yesterday", "192.0.2.1:0", "a b c", "\u{0}"] {
            let text = SwitchFile.text(try entries(0..<2)) + bad + "\n"
            guard case .damaged(let line, _) = SwitchFile.parse(Array(text.utf8)) else {
                Issue.record("'\(bad)' was taken")
                continue
            }
            #expect(line == 4)
        }
        var bytes = whole
        bytes[lines[0] + lines[1] + 4] = 0xFF
        guard case .damaged(let line, _) = SwitchFile.parse(bytes) else {
            Issue.record("not noticed")
            return
        }
        #expect(line == 3)
    }

    @Test(arguments: [0x80, 0x01, 0x20] as [UInt8]) func turnedBits_areNeverATrap(_ mask: UInt8) throws {
        let whole = Array(SwitchFile.text(try entries(0..<8)).utf8)
        for index in whole.indices {
            var bytes = whole
            bytes[index] ^= mask
            if case .entries(let entries, _) = SwitchFile.parse(bytes) { #expect(entries.count <= 8) }
        }
    }

    @Test func foreignFiles_areLeftAlone() async throws {
        try PrivateDirectory.create(directory.file("state"))
        let key = "-----BEGIN OPENSSH PRIVATE KEY-----\n"
        let big = SwitchFile.head + "\n" + String(repeating: "192.0.2.1:1\n", count: 2_000)
        for text in [key, big] {
            try text.write(toFile: file.path, atomically: false, encoding: .utf8)
            guard case .foreign = file.read() else {
                Issue.record("taken for ours")
                return
            }
            let keeper = StateKeeper(path: file.path, logger: quiet)
            await keeper.save([try #require(Endpoint("192.0.2.1:1"))], uptime: .seconds(10))
            #expect(try String(contentsOfFile: file.path, encoding: .utf8) == text)
        }
        guard case .foreign = SwitchFile(path: directory.path).read() else {
            Issue.record("a directory")
            return
        }
        #expect(mkfifo(directory.file("pipe"), 0o600) == 0)
        guard case .foreign = SwitchFile(path: directory.file("pipe")).read() else {
            Issue.record("a pipe")
            return
        }
    }

    /// The kernel shows a killed process's files as any other reader sees them at that moment, so reading all the time is
    /// killing at any moment.
    @Test func reader_atAnyMoment_findsAWholeFile() async throws {
        let versions = [try entries(0..<3), try entries(10..<74)]
        try file.write(versions[0])
        let written = try await withThrowingTaskGroup(of: Int.self) { group in
            let file = file
            group.addTask {
                var count = 0
                while !Task.isCancelled {
                    count += 1
                    try file.write(versions[count % 2])
                }
                return count
            }
            for _ in 0..<3_000 {
                let content = file.read()
                #expect(content == .entries(versions[0], lines: []) || content == .entries(versions[1], lines: []))
            }
            group.cancelAll()
            return try await group.next() ?? 0
        }
        #expect(written > 10)
    }

    @Test func rest_ofAWriteThatWasKilled_isNoHindrance() throws {
        try PrivateDirectory.create(directory.file("state"))
        let rest = directory.file("state/.switches.\(getpid())")
        try SwitchFile.head.write(toFile: rest, atomically: false, encoding: .utf8)
        try file.write(try entries(0..<2))
        #expect(file.read() == .entries(try entries(0..<2), lines: []))
        #expect(!FileManager.default.fileExists(atPath: rest))
    }

    private var quiet: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }
}

@Suite("What is worth saving") struct SavedSwitchesTests {
    private let day: Int64 = 86_400_000
    private func endpoint(_ number: Int) -> Endpoint {
        guard let endpoint = Endpoint("10.0.\(number / 256).\(number % 256):1") else { preconditionFailure() }
        return endpoint
    }

    @Test func sameSwitches_areNotWrittenAgainTheSameDay() throws {
        var switches = SavedSwitches()
        #expect(switches.update([], now: 0) == nil, "a node that is alone has nothing to say")
        let first = try #require(switches.update([endpoint(1), endpoint(2)], now: day))
        switches.didSave(first)
        #expect(switches.update([endpoint(2), endpoint(1)], now: day + 1_000) == nil)
        #expect(switches.update([endpoint(2), endpoint(1)], now: 2 * day) != nil, "the times are a day old")
        #expect(switches.update([endpoint(1), endpoint(3)], now: day + 1_000) != nil)
    }

    @Test func lines_areWorthWriting_whenTheyAreOthers_orMuchPassedOverThem() throws {
        func line(_ ring: Int = 7, received: Int = 0) -> RememberedLine? {
            RememberedLine(endpoint: endpoint(1), ringOut: ring, ringIn: 8, sent: 0, received: received)
        }
        var switches = SavedSwitches()
        let first = try #require(line())
        let entries = try #require(switches.update([], lines: [first], now: 0), "a receiver alone is worth it")
        switches.didSave(entries, lines: [first])
        #expect(switches.update([], lines: [first], now: 0) == nil)
        #expect(switches.update([], lines: [try #require(line(received: 1_000))], now: 0) == nil)
        #expect(switches.update([], lines: [try #require(line(received: RouterLimits.unsavedBytes))], now: 0) != nil)
        #expect(switches.update([], lines: [try #require(line(9))], now: 0) != nil)
    }

    @Test func absentSwitches_stayForAMonthBehindThosePresent() throws {
        var switches = SavedSwitches()
        switches.didSave(try #require(switches.update([endpoint(1), endpoint(2)], now: 0)))
        let later = try #require(switches.update([endpoint(3)], now: 29 * day))
        #expect(later.map(\.endpoint) == [endpoint(3), endpoint(1), endpoint(2)])
        #expect(later.map(\.answeredAt) == [29 * day, 0, 0])
        switches.didSave(later)
        let last = try #require(switches.update([endpoint(3)], now: 30 * day))
        #expect(last.map(\.endpoint) == [endpoint(3)])
    }

    @Test func saved_areNeverMoreThanTheLimit() throws {
        var switches = SavedSwitches()
        for start in stride(from: 0, to: 300, by: 40) {
            let present = (start..<start + 40).map(endpoint)
            let entries = try #require(switches.update(present, now: day))
            #expect(entries.count <= RouterLimits.savedSwitches)
            #expect(Array(entries.map(\.endpoint).prefix(40)) == present)
            switches.didSave(entries)
        }
    }
}
