package import ApplicationAPI
package import Model

/// Runs one attempt of a job without a reduce step: reads the records of a split, and writes what the map step makes of them as a
/// part.
///
/// `outputPath` must not exist; the file is forced to the disk, and removed when this throws.
///
/// - Parameters:
///   - attempt: A reduce task's; its index is the part's.
///   - form: In what form the part is written.
/// - Returns: The part's length and CRC-32C, and the counters.
/// - Throws: ``TaskError``, or what the application or the input source threw.
package func runMapToPartTask(
    _ application: any Application, input: MapInput, attempt: AttemptID, outputPath: String,
    form: PartForm = PartForm(), control: TaskControl = TaskControl()
) throws -> AttemptResult {
    guard let mapper = application as? any PartMapper else {
        throw TaskError.needsReduce(application: type(of: application).name)
    }
    let file = try OutputFile(creating: outputPath, isTemporary: false)
    do {
        return try write(mapper, input: input, attempt: attempt, to: file, form, control: control)
    } catch {
        // The error that is thrown matters more than a file that cannot be removed; the master never names it a part.
        try? file.unlink()
        throw error
    }
}

private func write(
    _ mapper: any PartMapper, input: MapInput, attempt: AttemptID, to file: OutputFile, _ form: PartForm,
    control: TaskControl
) throws -> AttemptResult {
    let part = try PartFile(file, form.compression)
    let output = ReduceOutput(form: form.lines) { bytes in
        try control.check()
        try part.write(bytes)
    }
    let userCounters = CounterSet()
    try mapper.beginTask(
        TaskContext(attempt, step: .map, input: input.first, control: control, counters: userCounters))
    var counters = try mapRecords(mapper, input, control: control) { block in
        try mapper.mapBlock(block, toPart: output)
        if let failure = output.failure { throw failure }
    }
    try mapper.finishMap(toPart: output)
    output.flush()
    if let failure = output.failure { throw failure }
    let summary = try part.finish()
    counters.mapOutputRecords = output.recordCount
    counters.outputRecords = output.recordCount
    counters.outputBytes = file.byteCount
    var result = AttemptResult(output: summary, counters: counters)
    result.userCounters = userCounters.userCounters
    return result
}
