import Foundation
import TestSupport
import Testing

extension SystemTests {
    /// Text files as editors and other systems write them.
    @Suite("Text files", .timeLimit(.minutes(2)))
    struct TextFileTests {
        enum Writer: String, CaseIterable, Sendable {
            case notepad, powerShell, bigEndian, dos

            func file(_ text: String) -> [UInt8] {
                let lines = text.replacingOccurrences(of: "\n", with: "\r\n")
                return switch self {
                case .notepad: Array("\u{FEFF}\(lines)".utf8)
                case .powerShell: ("\u{FEFF}" + lines).utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
                case .bigEndian: ("\u{FEFF}" + lines).utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
                case .dos: Array("\(lines)\u{1A}".utf8)
                }
            }
        }

        @Test(arguments: Writer.allCases)
        func files_ofEveryEditor_areReadAlike(_ writer: Writer) async throws {
            let node = try await TestNode.start()
            let whole = try await node.cli(["send", "-"], input: writer.file("zwei\nZeilen, 🌍\n"))
            #expect(whole.status == 0, "\(whole.errorText)")
            let lines = try await node.cli(
                ["send", "--lines", "--json"], input: writer.file("first\n\n  \nsecond\n\n"))
            #expect(lines.status == 0, "\(lines.errorText)")
            #expect(lines.lines.count == 2)
            let exported = try await node.cli(["export"])
            #expect(
                Set(try exported.json().compactMap { $0["message"].string }) == ["zwei\nZeilen, 🌍", "first", "second"])

            let other = try await TestNode.start()
            let file = other.site.directory.file("export.jsonl")
            try Data(writer.file(exported.text + "\n\n")).write(to: URL(filePath: file))
            let imported = try await other.cli(["import", file, "--json"])
            #expect(imported.status == 0, "\(imported.errorText)")
            #expect(try imported.json().first?["stored"].int == 3)
            let verified = try await other.cli(["verify"], input: writer.file(exported.lines[0] + "\n"))
            #expect(verified.status == 0, "\(verified.errorText)")

            let key = try await node.cli(["key", "export", "default"])
            let kept = try await other.cli(["key", "import", "mine"], input: writer.file(key.text + "\n"))
            #expect(kept.status == 0, "\(kept.errorText)")
            let settings = other.site.directory.file("p2pmsg.conf")
            try Data(writer.file("# settings\njson = true\n")).write(to: URL(filePath: settings))
            let listed = try await other.cli(["list", "--config", settings])
            #expect(listed.status == 0, "\(listed.errorText)")
            #expect(try listed.json().count == 3)
        }

        @Test func filesThatWereJoined_haveNoMarksInTheirTexts() async throws {
            let node = try await TestNode.start()
            let input = Array("\u{FEFF}one\n\u{FEFF}two\n".utf8)
            #expect(try await node.cli(["send", "--lines"], input: input).status == 0)
            let texts = try await node.cli(["list", "--json"]).json().compactMap { $0["message"].string }
            #expect(Set(texts.map { Array($0.utf8) }) == [Array("one".utf8), Array("two".utf8)])
        }
    }
}
