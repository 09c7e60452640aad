import Foundation
import Messages

extension DisplayName {
    /// What names have in common that people take for one: the same for all spellings that differ in case, accents, width,
    /// spaces and punctuation only, or in letters that look alike. It is compared, never shown.
    package var likeness: String { DisplayName.likeness(text) }

    /// - Parameter text: a name or a likeness, which may be of an earlier version.
    package static func likeness(_ text: String) -> String {
        // Lines are no letters, so that they would be gone later.
        let folded = SearchWords.fold(alike(text.unicodeScalars)[...]).decomposedStringWithCompatibilityMapping
            .lowercased()
        let kept = alike(folded.unicodeScalars.filter(isTelling))
        // Of a name that is punctuation all of it counts.
        guard !kept.isEmpty else { return text }
        return pairs.reduce(kept.precomposedStringWithCanonicalMapping) {
            $0.replacing($1.letters, with: $1.letter)
        }
    }

    private static func alike(_ scalars: String.UnicodeScalarView) -> String {
        String(String.UnicodeScalarView(scalars.lazy.map { alike[$0] ?? $0 }))
    }

    private static func isTelling(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .spacingMark,
            .decimalNumber, .letterNumber, .otherNumber, .mathSymbol, .currencySymbol, .otherSymbol:
            !scalar.properties.isDefaultIgnorableCodePoint
        // Accents are none; the vowels of Thai and Devanagari are.
        case .nonspacingMark: scalar.value > 0x036F && !scalar.properties.isDefaultIgnorableCodePoint
        default: false
        }
    }

    /// Small letters of other scripts that look like Latin ones, by themselves or as capitals; and what looks like another in
    /// most typefaces.
    private static let alike: [Unicode.Scalar: Unicode.Scalar] = {
        let pairs: [(String, String)] = [
            // Cyrillic.
            ("авгекмнорстухьіјѕһԁԛԝѡѵү", "abrekmhopctyxbljshdqwwvy"),
            // Greek and Coptic.
            ("αβγεηικμνορστυχζϳ", "abyehlkmvopotyxzj"),
            ("ⲁⲃⲉⲍⲏⲓⲕⲙⲛⲟⲣⲥⲧⲩⲭ", "abezhlkmnopctyx"),
            // Latin letters beside the alphabet, and a click; upright lines.
            ("ɑɡıɩłøđħŧǀ|∣ⵏᛁ", "aglllodhtlllll"),
            ("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghljklmnoprstuvwyz"),
            // A letter of Caucasian languages, Armenian, Georgian, Malayalam and Burmese.
            ("ӏօոստհցჿഠဝ", "lonushgooo"),
            // Cherokee and Lisu.
            ("ꭺᏼꮯꭰꭼꮐꮋꭻꮶꮮꮇꮲꭱꮪꭲꮩꮃꮓ", "abcdeghjklmprstvwz"),
            ("ꓮꓐꓚꓓꓰꓝꓖꓧꓲꓙꓗꓡꓟꓠꓳꓑꓣꓢꓔꓴꓦꓪꓫꓬꓜ", "abcdefghljklmnoprstuvwxyz"),
            // Digits. A capital i is a small L.
            ("01i", "oll"),
        ]
        var alike: [Unicode.Scalar: Unicode.Scalar] = [:]
        for (others, latin) in pairs {
            for (other, letter) in zip(others.unicodeScalars, latin.unicodeScalars) { alike[other] = letter }
        }
        return alike
    }()

    /// Letters that are one beside each other.
    private static let pairs = [(letters: "rn", letter: "m"), (letters: "vv", letter: "w")]
}
