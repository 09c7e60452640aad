/// Which names of hosts are shown as links although they have letters beyond ASCII.
///
/// Letters of one script can look like those of another (`аpple` with a Cyrillic а), and those that are written from right
/// to left change the order in which a host is read. So a label has letters of one script, of a script where that is safe;
/// all others are text. Browsers decide in a like way what they show in their address bars (Unicode Technical Standard 39).
enum HostName {
    private enum Script {
        /// Mixed with ASCII at will.
        case latin
        /// Look like Latin letters, and so stand only below a name of their own (`.рф`).
        case cyrillic, greek
        case asian, hangul, thai, devanagari
    }

    /// Whether a character can stand in a host's name at all: others end it.
    static func mayHold(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return isAlphanumeric(scalar) || "-._".unicodeScalars.contains(scalar) }
        return script(of: scalar) != nil
    }

    /// - Parameter labels: of a name, with nothing in them but what ``mayHold(_:)`` allows.
    static func isPlain(_ labels: [ArraySlice<UInt8>]) -> Bool {
        let names = labels.map { Array(String(decoding: $0, as: UTF8.self).unicodeScalars) }
        let top = names.last?.first.flatMap(script)
        return names.allSatisfy { name in
            let scripts = Set(name.compactMap(script))
            guard let only = scripts.first else { return true }
            guard scripts.count == 1, name.first.map(isMark) == false else { return false }
            switch only {
            case .latin: return true
            case .cyrillic, .greek: return top == only && !name.contains(where: isLetterOfASCII)
            case .asian, .hangul, .thai, .devanagari: return !name.contains(where: isLetterOfASCII)
            }
        }
    }

    /// Nil for ASCII, and for what is in no host's name here.
    private static func script(of scalar: Unicode.Scalar) -> Script? {
        guard !scalar.isASCII, isLetter(scalar) || isMark(scalar) else { return nil }
        switch scalar.value {
        case 0x0370...0x03FF: return .greek
        case 0x0400...0x045F, 0x0490...0x0493: return .cyrillic
        case 0x0900...0x097F: return .devanagari
        case 0x0E01...0x0E4E: return .thai
        case 0x3005, 0x3041...0x3096, 0x30A1...0x30FA, 0x30FC, 0x3400...0x4DBF, 0x4E00...0x9FFF: return .asian
        case 0xAC00...0xD7A3: return .hangul
        default: return isPlainLatin(scalar) ? .latin : nil
        }
    }

    /// Letters with accents and the like, of the languages of Europe and Vietnam. Those that look like ASCII letters to
    /// everybody (ı, ſ, ĳ, ŀ) are left out.
    private static func isPlainLatin(_ scalar: Unicode.Scalar) -> Bool {
        guard let small = scalar.properties.lowercaseMapping.unicodeScalars.first?.value else { return false }
        switch small {
        case 0xFE, 0x131, 0x133, 0x138, 0x140, 0x149, 0x17F: return false
        case 0xDF...0xF6, 0xF8...0x17F, 0x1A1, 0x1B0, 0x219, 0x21B, 0x1EA1...0x1EF9: return true
        default: return false
        }
    }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
        default: false
        }
    }

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark: true
        default: false
        }
    }

    private static func isLetterOfASCII(_ scalar: Unicode.Scalar) -> Bool { scalar.isASCII && isLetter(scalar) }

    private static func isAlphanumeric(_ scalar: Unicode.Scalar) -> Bool {
        isLetterOfASCII(scalar) || ("0"..."9").contains(scalar)
    }
}
