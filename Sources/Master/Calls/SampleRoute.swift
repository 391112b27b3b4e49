import Access
import TaskRuntime
import WorkerProtocol
import XMLRPCTransport

/// Serves a sample of the input: `/sample/1/lines` and `/sample/1/files`, by what a record is.
///
/// The master knows only its own applications. Where somebody else's parts its keys by ranges, each worker makes keys of
/// this sample, which is the same for all, and so comes to the same ranges as the others.
struct SampleRoute {
    let context: MasterContext

    var route: Route {
        .get(DataPath.sample + "/*", role: Role.worker.rawValue) { try answer($0) }
    }

    private func answer(_ request: RouteRequest) throws -> RouteAnswer {
        guard request.components.count == 2, let job = context.job(named: request.components[0]),
            let kind = SampleKind(rawValue: request.components[1])
        else { return .status(404, "samples are named like /sample/1/lines") }
        do throws(PlanError) {
            let sample = try InputSampler.sample(job.plan.files, takesWholeFiles: kind == .files)
            return .bytes(SampledRecord.bytes(of: sample), contentType: "application/octet-stream")
        } catch {
            return .status(409, "the input cannot be sampled any more: \(error)")
        }
    }
}
