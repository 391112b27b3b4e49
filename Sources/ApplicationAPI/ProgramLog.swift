/// Takes what the programs of one attempt write to their standard error, in the order in which it is read.
package protocol ProgramLog: AnyObject, Sendable {
    /// Must neither block nor keep much: a program may write without end.
    func append(_ bytes: UnsafeRawBufferPointer)

    /// Takes what a program says that it is about, in place of what one said before.
    func setStatus(_ text: [UInt8])
}
