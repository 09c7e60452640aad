import ServiceRuntime

/// Tells texts that begin with a dash from options. The parser would take "-5 this is lost" for the options `-5`, `- `,
/// `-t` and, worst, `-h`, and answer with help and success.
struct DashedArguments {
    private let path: CommandPath

    init(_ path: CommandPath) { self.path = path }

    /// The command line with what can only be texts behind `--`, where the parser leaves them alone, and with values that
    /// begin with a dash joined to their options.
    ///
    /// - Throws: a report of status `usage` that names what may be a text or a mistyped option.
    func arranged(_ arguments: [String]) throws(FailureReport) -> [String] {
        var inOrder = Array(arguments.prefix(path.length))
        var (options, words, hasText) = (inOrder, [String](), false)
        var rest = arguments.dropFirst(path.length)
        while let argument = rest.popFirst() {
            if argument == "--" {
                words += rest
                inOrder += ["--"] + rest
                break
            }
            if !argument.hasPrefix("-") || argument == "-" || isText(argument) {
                hasText = hasText || argument.hasPrefix("-") && argument != "-"
                words.append(argument)
                inOrder.append(argument)
            } else {
                let option = try option(argument, followedBy: &rest)
                options += option
                inOrder += option
            }
        }
        // Where nothing had to be told apart, the parser gets the order that the user typed.
        return hasText ? options + ["--"] + words : inOrder
    }

    private func option(_ argument: String, followedBy rest: inout ArraySlice<String>) throws(FailureReport) -> [String]
    {
        try check(argument)
        guard let setting = setting(argument), setting.kind != .flag, !argument.contains(Character("=")),
            let value = rest.first
        else { return [argument] }
        rest.removeFirst()
        return isDashedValue(value) ? [argument + "=" + value] : [argument, value]
    }

    private func setting(_ argument: String) -> Setting? {
        let name = argument.prefix { $0 != "=" }
        return (path.settings + [.config]).first { $0.option == name }
    }

    private func isText(_ argument: String) -> Bool {
        switch path.freeText {
        case .none: false
        case .text: !looksLikeAnOption(argument)
        case .search: !argument.hasPrefix("--") && argument != "-h"
        }
    }

    /// Dashes, a letter, and then only what names of options have.
    private func looksLikeAnOption(_ argument: String) -> Bool {
        let name = argument.prefix { $0 != "=" }.drop { $0 == "-" }
        guard let first = name.first, first.isASCII, first.isLetter else { return false }
        return name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
    }

    /// A key may begin with a dash, and a reason, too.
    private func isDashedValue(_ value: String) -> Bool {
        guard value.hasPrefix("-"), value != "-", value != "-h" else { return false }
        return !value.hasPrefix("--") || !looksLikeAnOption(value)
    }

    /// All options have two dashes here, but for `-h`; the parser knows which there are.
    private func check(_ argument: String) throws(FailureReport) {
        guard !argument.hasPrefix("--"), argument != "-h" else { return }
        let name = String(argument.dropFirst().prefix { $0 != "=" })
        let meant = path.option(meantBy: name).map { "; did you mean '--\($0)'?" } ?? ""
        let hint =
            path.freeText == .text ? "; a text that begins with a dash goes behind --: \(path.program) -- '-text'" : ""
        throw FailureReport("there is no option '\(SafeText.line(argument))'\(meant)\(hint)", status: .usage)
    }

    /// What to say beside what the parser says, where an option that is none may have been meant as a text.
    func hint(about arguments: [String]) -> String? {
        guard path.freeText == .text else { return nil }
        let help = RootCommand.helpMessage(for: path.command)
        let unknown = arguments.prefix { $0 != "--" }.first { argument in
            argument.hasPrefix("-") && looksLikeAnOption(argument)
                && help.firstRange(of: argument.prefix { $0 != "=" }) == nil
        }
        guard let unknown else { return nil }
        return "'\(SafeText.line(unknown))' is no option; a text that begins with a dash goes behind --, as in: "
            + "\(path.program) -- '-text'"
    }
}
