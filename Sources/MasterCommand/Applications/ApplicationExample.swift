import Applications
import Streaming

/// A terminal session that shows what an application does. Lines that begin with `$ ` are commands, and what they print
/// follows; `...` stands for the summary of a job.
struct ApplicationExample: Sendable {
    let session: String

    /// By the application's name: one for each that `mr-master` knows.
    static let all: [String: ApplicationExample] = [
        WordCount.name: wordCount, Grep.name: grep, Index.name: index, Sort.name: sort, Top.name: top,
        Uniq.name: uniq, Join.name: join, Ngrams.name: ngrams, Sum.name: sum, Min.name: min, Max.name: max,
        Mean.name: mean, Streaming.name: streaming,
    ]
}

extension ApplicationExample {
    private static let wordCount = ApplicationExample(
        session: #"""
            $ printf 'the cat saw the dog\n' > pets.txt
            $ mr-master --app wordcount --workers 1 --reduces 1 --output words pets.txt
            ...
            $ cat words/part-*
            cat\#t1
            dog\#t1
            saw\#t1
            the\#t2
            """#)

    private static let grep = ApplicationExample(
        session: #"""
            $ printf 'red\nblue\ngreen\n' > colours.txt
            $ mr-master --app grep --pattern 're' --workers 1 --reduces 1 --output found colours.txt
            ...
            $ cat found/part-*
            colours.txt:1\#tred
            colours.txt:3\#tgreen
            """#)

    private static let index = ApplicationExample(
        session: #"""
            $ printf 'one two\n' > a.txt; printf 'two three\n' > b.txt
            $ mr-master --app index --workers 1 --reduces 1 --output index a.txt b.txt
            ...
            $ cat index/part-*
            one\#ta.txt
            three\#tb.txt
            two\#ta.txt,b.txt
            """#)

    private static let sort = ApplicationExample(
        session: #"""
            $ printf 'pear\nfig\napple\n' > fruit.txt
            $ mr-master --app sort --workers 1 --output sorted fruit.txt
            ...
            $ cat sorted/part-*
            apple
            fig
            pear
            """#)

    private static let top = ApplicationExample(
        session: #"""
            $ printf 'to be or not to be\n' > hamlet.txt
            $ mr-master --app top --option k=2 --workers 1 --output most hamlet.txt
            ...
            $ cat most/part-*
            be\#t2
            to\#t2
            """#)

    private static let uniq = ApplicationExample(
        session: #"""
            $ printf 'b\na\nb\n' > letters.txt
            $ mr-master --app uniq --option count=true --workers 1 --output distinct letters.txt
            ...
            $ cat distinct/part-*
                  1 a
                  2 b
            """#)

    private static let ngrams = ApplicationExample(
        session: #"""
            $ printf 'to be or not to be\n' > hamlet.txt
            $ mr-master --app ngrams --option n=2 --workers 1 --reduces 1 --output pairs hamlet.txt
            ...
            $ cat pairs/part-*
            be or\#t1
            not to\#t1
            or not\#t1
            to be\#t2
            """#)

    private static let join = ApplicationExample(
        session: #"""
            $ printf 'ann\tParis\nbob\tRome\n' > users.tsv; printf 'ann\tbook\nann\tpen\ncid\tcup\n' > orders.tsv
            $ mr-master --app join --option left='orders*.tsv' --option right='users*.tsv' --option type=left \
                --option empty=unknown --workers 1 --reduces 1 --output joined orders.tsv users.tsv
            ...
            $ cat joined/part-*
            ann\#tbook\#tParis
            ann\#tpen\#tParis
            cid\#tcup\#tunknown
            """#)

    private static let streaming = ApplicationExample(
        session: #"""
            $ printf 'red\nblue\nred\n' > votes.txt
            $ mr-master --mapper 'cat' --reducer 'cut -f 1 | uniq -c' --workers 1 --reduces 1 --output counted votes.txt
            ...
            $ cat counted/part-*
                  1 blue
                  2 red
            """#)

    private static let sum = ofNumbers("sum", output: "sums", results: "ann\t7.5\nbob\t5")
    private static let min = ofNumbers("min", output: "smallest", results: "ann\t3\nbob\t5")
    private static let max = ofNumbers("max", output: "largest", results: "ann\t4.5\nbob\t5")
    private static let mean = ofNumbers("mean", output: "means", results: "ann\t3.75\nbob\t5")

    private static func ofNumbers(_ name: String, output: String, results: String) -> ApplicationExample {
        ApplicationExample(
            session: #"""
                $ printf 'ann\t3\nbob\t5\nann\t4.5\n' > sales.tsv
                $ mr-master --app \#(name) --workers 1 --reduces 1 --output \#(output) sales.tsv
                ...
                $ cat \#(output)/part-*
                \#(results)
                """#)
    }
}
