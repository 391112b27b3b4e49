import CommandSupport
import LocalMachine
import Master
import Model

/// The output folder and what lies in it: nothing yet, a finished job, or one that was interrupted and goes on.
struct JobPlace {
    let output: OutputFolder
    /// nil with `--no-journal`.
    let journal: JobJournal?
    /// The job to run: the interrupted one's own plan when it goes on.
    let plan: JobPlan

    /// - Parameter makePlan: Called for the plan of this command line.
    init(_ request: JobRequest, makePlan: () throws(PlanError) -> JobPlan) throws(ProgramFailure) {
        let claim = try Refusal.asUsage { () throws(OutputError) in try OutputClaim(request.output) }
        do throws(ProgramFailure) {
            let plan = try Refusal.asUsage(makePlan)
            try Self.checkInputsSurvive(plan.files, claim)
            let journal = try Self.journal(request, claim)
            if let earlier = journal?.earlier {
                self = try Self.goOn(with: earlier, of: journal, plan: plan, request, claim)
                return
            }
            do throws(ProgramFailure) {
                self = try Self.begin(plan, request, journal, claim)
            } catch {
                // Only an empty one stays, which the next start takes for none.
                try? journal?.remove()
                throw error
            }
        } catch {
            claim.abandon()
            throw error
        }
    }

    private init(output: OutputFolder, journal: JobJournal?, plan: JobPlan) {
        self.output = output
        self.journal = journal
        self.plan = plan
    }

    static func journal(_ request: JobRequest, _ claim: OutputClaim) throws(ProgramFailure) -> JobJournal? {
        if request.restarts {
            try forget(request, claim)
        } else if !JobJournal.exists(in: claim) {
            // Before a journal is made in a folder that is not to be touched.
            try Refusal.asUsage { () throws(OutputError) in try claim.checkMayBegin(overwrite: request.overwrite) }
        }
        guard request.keepsJournal || JobJournal.exists(in: claim) else { return nil }
        return try Refusal.asUsage { () throws(ResumeError) in
            try JobJournal(in: claim, programVersion: ProgramVersion.current)
        }
    }

    /// Forgets the interrupted job, with the parts that are known to be its own.
    static func forget(_ request: JobRequest, _ claim: OutputClaim) throws(ProgramFailure) {
        guard JobJournal.kind(in: claim, programVersion: ProgramVersion.current) != .queue else {
            throw .wrongUsage(
                "output '\(DisplayName.of(claim.path))' holds the jobs of a queue, which --restart of a job does not forget; choose another --output, or go on with the queue: mr-master --serve --state \(ShellWord.of(claim.path))"
            )
        }
        let own = JobJournal.ownParts(in: claim, programVersion: ProgramVersion.current)
        try Refusal.asUsage { () throws(OutputError) in
            try claim.checkMayBegin(overwrite: request.overwrite, besides: own)
        }
        JobJournal.removeSteps(in: claim, programVersion: ProgramVersion.current)
        try Refusal.asUsage { () throws(ResumeError) in try JobJournal.forget(in: claim) }
        guard !own.isEmpty else { return }
        try Refusal.asUsage { () throws(OutputError) in try claim.removeParts(own) }
    }

    static func checkInputsSurvive(_ files: [InputFile], _ claim: OutputClaim) throws(ProgramFailure) {
        guard let file = files.first(where: { claim.wouldClear($0.path) }) else { return }
        let error = PlanError.insideOutput(name: DisplayName.of(file.name), output: DisplayName.of(claim.path))
        throw .wrongUsage("\(error)")
    }

    private static func goOn(
        with earlier: EarlierJob, of journal: JobJournal?, plan: JobPlan, _ request: JobRequest, _ claim: OutputClaim
    ) throws(ProgramFailure) -> JobPlace {
        if let difference = earlier.difference(from: plan, name: DisplayName.of) {
            journal?.close()
            throw .wrongUsage(
                "output '\(DisplayName.of(claim.path))' holds an interrupted job: \(difference); "
                    + "run its own command line to go on, add --restart to begin again from nothing, or choose another --output"
            )
        }
        let output = try Refusal.asUsage { () throws(OutputError) in
            // Until its first commit the parts in the folder are somebody else's, for the job that goes on too.
            if claim.ownParts(of: earlier) == nil { try claim.checkMayBegin(overwrite: request.overwrite) }
            return try OutputFolder(
                claim, marker: earlier.header.marker, resuming: earlier.parts,
                compression: plan.forms.compression)
        }
        // Without a plan there would have been a difference.
        return JobPlace(output: output, journal: journal, plan: earlier.header.plan ?? plan)
    }

    private static func begin(
        _ plan: JobPlan, _ request: JobRequest, _ journal: JobJournal?, _ claim: OutputClaim
    ) throws(ProgramFailure) -> JobPlace {
        try Refusal.asUsage { () throws(OutputError) in try claim.checkMayBegin(overwrite: request.overwrite) }
        let output = try Refusal.asUsage { () throws(OutputError) in
            try OutputFolder(claim, marker: MasterRecord.randomHex(), compression: plan.forms.compression)
        }
        return JobPlace(output: output, journal: journal, plan: plan)
    }

    /// Leaves the folder as it was found, when the job can't even begin.
    func abandon() {
        if journal?.earlier == nil {
            // Only an empty one stays, which the next start takes for none.
            try? journal?.remove()
            output.abandon()
        } else {
            journal?.close()
        }
    }
}
