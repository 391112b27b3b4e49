/// An application that can do without a reduce step: what its map step makes of a split is a part as it is.
package protocol PartMapper: Application {
    /// Takes the place of `mapBlock`.
    func mapBlock(_ block: borrowing RecordBlock, toPart output: ReduceOutput) throws

    /// Takes the place of `finishMap` and `finishReduce`.
    func finishMap(toPart output: ReduceOutput) throws
}
