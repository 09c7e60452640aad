extension Optional {
    /// What a setting's text stands for.
    ///
    /// - Throws: a report of status `usage` that says what the text should have been, where it stands for nothing.
    package func orExpected(_ what: String) throws(FailureReport) -> Wrapped {
        guard let self else { throw FailureReport("expected " + what, status: .usage) }
        return self
    }
}
