/// Letters that are one letter with something through or on it, though no table of Unicode says so; and letters and digits
/// that have a usual spelling beside others.
enum PlainLetters {
    /// What people type who don't have the letter; nil for all others.
    ///
    /// - Parameter letter: in lower case and decomposed.
    static func plain(_ letter: Unicode.Scalar) -> String? {
        guard letter.value >= 0x80 else { return nil }
        if let plain = table[letter] { return plain }
        // Digits of every script, but for those that stand for themselves.
        guard letter.properties.numericType == .decimal, let value = letter.properties.numericValue else { return nil }
        return String(Int(value))
    }

    private static let table: [Unicode.Scalar: String] = {
        var table: [Unicode.Scalar: String] = ["æ": "ae", "œ": "oe", "þ": "th", "ß": "ss"]
        for (plain, others) in letters { for letter in others.unicodeScalars { table[letter] = plain } }
        return table
    }()

    private static let letters = [
        // Latin with a stroke, a bar or a hook: Polish, Vietnamese, Danish, Icelandic, Maltese, Sami, Hausa and more.
        "a": "ⱥ", "b": "ƀɓ", "c": "ƈȼ", "d": "đðɖɗ", "e": "ɇ", "g": "ǥɠ", "h": "ħɦⱨ", "i": "ıɨ", "j": "ɉ", "k": "ƙĸⱪ",
        "l": "łƚɫⱡ", "n": "ŋɲƞ", "o": "øɵ", "p": "ƥᵽ", "q": "ɋ", "r": "ɍɽ", "t": "ŧƭⱦ", "u": "ʉ", "v": "ʋ", "w": "ⱳ",
        "y": "ɏƴ", "z": "ƶȥⱬ",
        // Ukrainian.
        "г": "ґ",
        // Alef with a joining sign; yeh at the end of a word and of Persian; kaf, heh and teh marbuta in their forms.
        "\u{0627}": "\u{0671}", "\u{064A}": "\u{0649}\u{06CC}", "\u{0643}": "\u{06A9}",
        "\u{0647}": "\u{0629}\u{06BE}\u{06C1}\u{06C3}\u{06D5}",
    ]
}
