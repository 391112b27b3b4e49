import CommandSupport
import LocalMachine

/// Which options are about the master, and which about a job: where a queue is served, the former are said of mr-master and the
/// latter of mr-ctl submit. `--restart` is about both.
extension JobArguments {
    /// Options that are about the master, and not about a job.
    static func ownOptions(_ options: MasterOptions) -> [(name: String, isGiven: Bool)] {
        let usual = MasterOptions.usual
        return [
            ("--serve", options.serve), ("--state", options.state != usual.state),
            ("--listen", options.listen != usual.listen), ("--advertise", options.advertise != nil),
            ("--token-ttl", options.tokenLifetime != nil), ("--tls-cert", options.tlsCertificate != nil),
            ("--tls-key", options.tlsKey != nil), ("--tls-client-ca", options.tlsClientAuthorities != nil),
            ("--workers", options.workers != usual.workers), ("--worker-program", options.workerProgram != nil),
            ("--task-buffer", options.taskBuffer != nil), ("--task-timeout", options.taskTimeout != usual.taskTimeout),
            ("--compress-intermediate", options.compressIntermediate != usual.compressIntermediate),
            ("--no-backup-tasks", options.noBackupTasks), ("--no-auth", options.noAuth),
            ("--plain-http", options.plainHTTP), ("--no-journal", options.noJournal), ("--json", options.json),
            ("--list-apps", options.listApps), ("--allow-launch", options.allowLaunch),
        ]
    }

    /// Options that are about a job, and not about the master that runs it.
    static func jobOptions(_ options: MasterOptions) -> [(name: String, isGiven: Bool)] {
        let usual = MasterOptions.usual
        return [
            ("--app", options.app != nil), ("--option", !options.options.isEmpty),
            ("--pattern", options.pattern != nil), ("--unique", options.unique), ("--lowercase", options.lowercase),
            ("--letters", options.letters), ("--reduces", options.reduces != nil),
            ("--split-size", options.splitSize != nil), ("--inputs-from", !options.inputLists.isEmpty),
            ("--recursive", options.recursive), ("--no-decompress", options.noDecompress),
            ("--output", options.output != usual.output), ("--merge", options.merge != nil),
            ("--overwrite", options.overwrite), ("--input-format", options.forms.inputFormat != nil),
            ("--skip-header", options.forms.skipHeader),
            ("--output-format", options.forms.outputFormat != usual.forms.outputFormat),
            ("--compress", options.forms.compress != nil),
        ] + programOptions(options, usual)
    }

    private static func programOptions(
        _ options: MasterOptions, _ usual: MasterOptions
    ) -> [(name: String, isGiven: Bool)] {
        [
            ("--mapper", options.mapper != nil), ("--reducer", options.reducer != nil),
            ("--combiner", options.combiner != nil),
            ("--task-progress-timeout", options.taskProgressTimeout != nil),
            ("--skip-bad-records", options.skipBadRecords != usual.skipBadRecords),
            ("--task-memory", options.taskMemory != nil), ("--task-processes", options.taskProcesses != nil),
            ("--task-cpus", options.taskCpus != nil), ("--task-file-size", options.taskFileSize != nil),
            ("--task-open-files", options.taskOpenFiles != nil), ("--env", !options.env.isEmpty),
            ("--pack-files", options.packFiles), ("--partition-key", options.keys.partitionKey != nil),
            ("--sort-key", options.keys.sortKey != nil), ("--field-separator", options.keys.fieldSeparator != nil),
            ("--total-order", options.keys.totalOrder), ("--files", !options.shipped.files.isEmpty),
            ("--archives", !options.shipped.archives.isEmpty),
        ]
    }

    /// What a queue's own command line can't say.
    static func checkServes(_ options: MasterOptions) throws(ProgramFailure) {
        if let input = options.inputs.first {
            throw .wrongUsage(
                "input '\(DisplayName.of(RawArguments.bytes(of: input)))' belongs to a job, and --serve runs those that are submitted; give it to mr-ctl submit"
            )
        }
        if let name = jobOptions(options).first(where: \.isGiven)?.name {
            throw .wrongUsage(
                "\(name) is about a job, and --serve runs those that are submitted; give it to mr-ctl submit")
        }
        guard !options.json else {
            throw .wrongUsage("--json is about the summary of one job, and --serve has none; leave it out")
        }
    }

    /// What only a queue's own command line says.
    static func checkServesNone(_ options: MasterOptions) throws(ProgramFailure) {
        guard options.state == MasterOptions.usual.state else {
            throw .wrongUsage("--state names the folder of a queue, and goes with --serve; leave it out")
        }
    }
}
