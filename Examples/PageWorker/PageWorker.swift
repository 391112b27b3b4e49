import ApplicationAPI
import WorkerCommand

@main
enum PageWorker {
    static func main() async {
        await WorkerProgram.main(applications: [
            PageHits.self, SlowestRequest.self, SlowRequests.self, SlowestFirst.self, PageNames.self, FileSizes.self,
            SectionHits.self,
        ])
    }
}
