import Messages
import Testing
import TextSearch

/// What of a text can be searched for, and what a search means.
@Suite struct SearchPatternTests {
    @Test(arguments: [
        ("Hello, World!", "hello world"), ("don’t e-mail me@example.org", "don t e mail me example org"),
        ("", ""), ("¡…!  \n\t—", ""), ("snake_case C++ 3.14", "snake case c 3 14"),
        // One letter, however it is written.
        ("CAFÉ Cafe\u{301} cafe", "cafe cafe cafe"), ("STRASSE Straße", "strasse strasse"),
        ("ΣΊΣΥΦΟΣ Σίσυφος", "σισυφοσ σισυφοσ"), ("Ёлка ёлка", "елка елка"), ("ＡＢＣ ﬁne ①", "abc fine 1"),
        ("שָׁלוֹם שלום", "שלום שלום"), ("مُحَمَّد محمد", "محمد محمد"),
        ("محـــمد إبراهيم أحمد آدم ٱلله", "محمد ابراهيم احمد ادم الله"), ("مكتبة على ک ی", "مكتبه علي ك ي"),
        ("٢٠٢٦ ۲۰۲۶ २०२६", "2026 2026 2026"), ("ﷲ ﻻ", "ﷲ لا"),
        // Letters that Unicode does not take apart.
        ("Łódź łódź", "lodz lodz"), ("Đà Nẵng", "da nang"), ("Ærø Œuvre ŒUVRE", "aero oeuvre oeuvre"),
        ("Þór Guðrún", "thor gudrun"), ("İstanbul ISPARTA ısparta", "istanbul isparta isparta"),
        ("Ħamrun Čáŋŋa", "hamrun canna"), ("Ґанок їжа", "ганок іжа"), ("ŀl ﬀ", "ll ff"),
        ("zero\u{200B}width so\u{AD}ft", "zerowidth soft"),
        // Scripts without spaces, and Korean.
        ("日本語のテキスト", "日 本 語 の テ キ ス ト"), ("ｶﾞ ガ", "カ\u{3099} ガ"), ("서울에서", "서 울 에 서"),
        ("在Linux上", "在 linux 上"), ("สวัสดี", "ส ว\u{E31} ส ด\u{E35}"),
        // Vowel signs are part of the word.
        ("हिन्दी में", "हिन्दी में"),
        // Pictographs, with their colours and families.
        ("party🎉🎉 ❤️ 👩‍👩‍👧", "party 🎉 🎉 ❤ 👩 👩 👧"), ("👍🏽👍 👩🏿‍💻", "👍 👍 👩 💻"), ("1️⃣ 🏽", "1"),
    ])
    func words_areFoundInEveryScript_inOneSpelling(_ text: String, _ expected: String) {
        #expect(SearchWords.indexed(text) == expected)
    }

    /// Whatever a message is made of, its words take no more than twice its bytes.
    @Test func everyCharacter_isFoldedToTwiceItsBytesAtMost() {
        var stretched = 0
        for value in UInt32(0x80)...0x10FFFF {
            guard let scalar = Unicode.Scalar(value), scalar.properties.generalCategory != .unassigned else { continue }
            let (text, most) = (String(scalar), 2 * String(scalar).utf8.count)
            #expect(SearchWords.indexed(text).utf8.count <= most, "U+\(String(value, radix: 16))")
            if SearchWords.indexed(text, stretching: true).utf8.count > most {
                stretched += 1
                #expect(SearchWords.stretches(scalar), "U+\(String(value, radix: 16))")
            }
        }
        #expect(stretched > 80)
    }

    @Test func sentenceInOneCharacter_isFoundAsItself() throws {
        let text = String(repeating: "\u{FDFA}", count: 290)
        #expect(SearchWords.indexed(text, stretching: true).utf8.count > 5 * text.utf8.count)
        #expect(SearchWords.indexed(text).utf8.count <= 2 * text.utf8.count)
        let pattern = SearchPattern(try SearchQuery("\u{FDFA}"))
        #expect(pattern.holds(for: "he said \u{FDFA} and went"))
        #expect(pattern.matches(in: "he said \u{FDFA} and went").count == 1)
        #expect(!SearchPattern(try SearchQuery("الله")).holds(for: "he said \u{FDFA} and went"))
    }

    @Test func words_sayWhereTheyStand() {
        let text = "Ein Café, 日本"
        #expect(SearchWords.words(of: text).map { String(text[$0.range]) } == ["Ein", "Café", "日", "本"])
    }

    @Test(arguments: [
        ("coffee", ["coffee"], []), ("  Red   CAT ", ["red", "cat"], []), ("\"red cat\" dog", ["red+cat", "dog"], []),
        ("a* wa*", ["a", "wa*"], []), ("coffee -tea -\"green tea\"", ["coffee"], ["tea", "green+tea"]),
        ("sign* \"wall of\"*", ["sign*", "wall+of*"], []),
        // Nothing has to be quoted, and nothing that is written by mistake is an error.
        ("\"not ended", ["not+ended"], []), ("a AND b OR NOT (c)", ["a", "and", "b", "or", "not", "c"], []),
        ("example.org", ["example+org"], []), ("„rote Katze“", ["rote+katze"], []),
        ("e-mail - x", ["e+mail", "x"], []),
        ("日本", ["日+本"], []), ("a\"b\"c", ["a", "b", "c"], []),
        ("words: {x} ^y +z \"\" ''", ["words", "x", "y", "z"], []),
    ])
    func query_isReadAsPeopleWriteIt(_ text: String, _ wanted: [String], _ unwanted: [String]) throws {
        func words(_ phrases: [SearchPattern.Phrase]) -> [String] {
            phrases.map { $0.words.joined(separator: "+") + ($0.isPrefix ? "*" : "") }
        }
        let query = SearchPattern(try SearchQuery(text))
        #expect(words(query.wanted) == wanted)
        #expect(words(query.unwanted) == unwanted)
    }

    /// A sign that only makes a word longer is a word to the eye, and nothing to the index.
    @Test func pattern_ofNothingButStretching_findsNothing() throws {
        let pattern = SearchPattern(try SearchQuery("ـ"))
        #expect(pattern.wanted.isEmpty)
        #expect(!pattern.holds(for: "ـ"))
    }

    @Test(arguments: [
        ("cafe", "Im CAFÉ, im Cafe\u{301}!", ["CAFÉ", "Cafe\u{301}"]), ("\"im cafe\"", "Im Café", ["Im", "Café"]),
        ("本語", "日本語の本", ["本語"]), ("wal*", "The wall, walking; sea wall-to-wall", ["wall", "walking", "wall", "wall"]),
        ("lodz", "w Łodzi: Łódź!", ["Łódź"]), ("da nang", "Đà Nẵng", ["Đà", "Nẵng"]), ("محمد", "محـــمد", ["محـــمد"]),
        ("👍", "so 👍🏽!", ["👍🏽"]), ("👍🏿", "so 👍", ["👍"]),
        ("b", "a c", []), ("red -blue", "red", ["red"]), ("\"b c\"", "b b c", ["b", "c"]), ("🎉", "hey🎉", ["🎉"]),
    ])
    func matches_areThePlacesOfWhatIsWanted(_ query: String, _ text: String, _ expected: [String]) throws {
        #expect(SearchPattern(try SearchQuery(query)).matches(in: text).map { String(text[$0]) } == expected)
    }

    @Test func holds_whereAllThatIsWantedIsThere_andNothingElse() throws {
        let query = SearchPattern(try SearchQuery("red \"the cat\" -dog fi*"))
        #expect(query.holds(for: "The cat on fire is red"))
        #expect(!query.holds(for: "The cat on fire is red, the dog is not"))
        #expect(!query.holds(for: "The red cat on fire"))
        #expect(!query.holds(for: "The cat is red"))
    }
}
