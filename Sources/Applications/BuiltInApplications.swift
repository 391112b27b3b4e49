public import ApplicationAPI

/// The applications that come with this package.
public enum BuiltInApplications {
    public static let all: [any Application.Type] = [
        WordCount.self, Grep.self, Index.self, Sort.self, Top.self, Uniq.self, Join.self, Ngrams.self, Sum.self,
        Min.self,
        Max.self, Mean.self,
    ]

    /// Whether a worker that knows only how to count words between white space may take a job's map tasks.
    public static func isPlainWordCount(name: String, options: [String: [UInt8]]) -> Bool {
        guard name == WordCount.name else { return false }
        let options = ApplicationOptions(options)
        // A wrong flag is refused when the job is made; until then it is not plain.
        return (try? options.flag("lowercase") || options.flag("letters")) == false
    }
}
