/// An application with ``Partitioning/keyRanges`` of whose keys only the beginning says in which range they are.
package protocol RangeChooser: Application {
    /// The beginning of a key that other keys must share to be in its part for sure. No such beginning may begin another.
    func rangeKey(of key: Bytes) -> Bytes
}
