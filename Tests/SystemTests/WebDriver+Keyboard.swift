import TestSupport
import Testing

/// The keyboard, where the mouse is not to help.
extension WebDriver {
    static let enter = "\u{E007}"
    static let escape = "\u{E00C}"

    /// Presses Tab until a script says that the focus, `e`, is where it is wanted. Every stop on the way must show that it
    /// has the focus.
    func tab(to what: String, where script: String) async throws {
        // A wall of 50 messages has some 160 stops.
        for _ in 0..<250 {
            try await press("\u{E004}")
            // Behind the last button of a panel, the browser's own ones follow.
            let stop = try await run(
                """
                const e = document.activeElement;
                const isSeen = e === document.body || getComputedStyle(e).outlineStyle !== 'none'
                  || getComputedStyle(e.closest('form') || e).boxShadow !== 'none';
                return [\(script), isSeen, e.outerHTML.slice(0, 100)];
                """)
            #expect(stop[1] == .bool(true), "the focus is not seen: \(stop[2])")
            if stop[0] == .bool(true) { return }
        }
        Issue.record("no way to \(what)")
    }
}
