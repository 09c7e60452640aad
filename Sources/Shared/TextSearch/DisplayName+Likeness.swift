import Foundation
import Messages

extension DisplayName {
    /// What names have in common that people take for one: the same for all spellings that differ in case, accents, width,
    /// spaces and punctuation only, or in letters that look alike. It is compared, never shown.
    package var likeness: String {
        let folded = SearchWords.fold(text[...]).decomposedStringWithCompatibilityMapping.lowercased()
        var kept = String.UnicodeScalarView()
        for scalar in folded.unicodeScalars where DisplayName.isTelling(scalar) {
            kept.append(DisplayName.alike[scalar] ?? scalar)
        }
        // Of a name that is punctuation all of it counts.
        return kept.isEmpty ? text : String(kept).precomposedStringWithCanonicalMapping
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
            ("авекмнорстухіјѕһԁԛԝѵү", "abekmhopctyxljshdqwvy"),
            // Greek.
            ("αβεηικμνορτυχζ", "abehlkmvoptyxz"),
            // Latin letters beside the alphabet, and a click.
            ("ɑɡıɩłøđħŧǀ", "aglllodhtl"),
            ("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghljklmnoprstuvwyz"),
            // A letter of Caucasian languages, Armenian and Malayalam.
            ("ӏօոսհցഠ", "lonuhgo"),
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
}
