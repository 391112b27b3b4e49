# Workers launched beside a master of swift-mapreduce, with the functions of the workers API of CDSW and CML.

# Seconds between launch.workers and the first line of the first script. Engines take their time to start, and scripts that
# launch them begin to listen meanwhile; processes would be there at once.
start.delay <- 0.5

# A socket that R listens with takes one connection, and is closed then: two workers that came at once would be in each
# other's way. So they begin one after the other, start.delay apart, all of them in so many seconds.
start.spread.max <- 10

# Seconds that one answer is held back: a wait that is longer is several calls.
held.back.max <- 20

launch.workers <- function(n, cpu, memory, nvidia.gpu = 0, kernel = "", script = "", code = "", env = "", name = "") {
    delay <- as.double(Sys.getenv("MR_START_DELAY", start.delay))
    order <- list(
        n = 1L, cpu = as.double(cpu), memory = as.double(memory), nvidia_gpu = as.integer(nvidia.gpu),
        folder = path.bytes(getwd()), env = worker.variables(env))
    if (is.text(script)) {
        order$script <- path.bytes(script)
    } else {
        order$code <- charToRaw(enc2utf8(paste(code, collapse = "\n")))
        # Code is Python for the master, where nothing says otherwise.
        if (!is.text(kernel) && !startsWith(paste(code, collapse = "\n"), "#!")) kernel <- "r"
    }
    if (is.text(kernel)) order$kernel <- kernel
    if (is.text(name)) order$name <- name

    n <- as.integer(n)
    if (is.na(n) || n < 1) stop("n is how many workers are launched, 1 or more", call. = FALSE)
    apart <- min(delay, start.spread.max / n)
    workers <- list()
    tryCatch(
        for (number in seq_len(n)) {
            order$start_delay <- delay + apart * (number - 1)
            workers <- c(workers, call.master("launch_workers", order))
        },
        error = function(problem) {
            # All or none, as in one call.
            if (length(workers) > 0) do.call(call.master, c(list("stop_workers"), worker.ids(workers)))
            stop(problem)
        })
    lapply(workers, described)
}

list.workers <- function() lapply(call.master("list_workers"), described)

stop.workers <- function(...) {
    # Without any argument all are meant; with an empty list of workers none is.
    ids <- worker.ids(list(...))
    if (...length() > 0 && length(ids) == 0) return(invisible(list()))
    invisible(lapply(do.call(call.master, c(list("stop_workers"), ids)), described))
}

await.workers <- function(ids = NULL, wait.for.completion = TRUE, timeout.seconds = 60) {
    names <- worker.ids(if (length(ids) > 0) ids else call.master("list_workers"))
    if (length(names) == 0) return(list(workers = list(), failures = list()))
    end <- if (timeout.seconds > 0) monotonic() + timeout.seconds else Inf
    repeat {
        left <- min(held.back.max, max(0, end - monotonic()))
        answer <- call.master("await_workers", names, isTRUE(as.logical(wait.for.completion)), left, held.back = left)
        if (!answer$timed_out || monotonic() >= end) break
    }
    list(workers = lapply(answer$workers, described), failures = lapply(answer$failures, described))
}

is.text <- function(value) is.character(value) && length(value) == 1 && !is.na(value) && nzchar(value)

path.bytes <- function(path) charToRaw(path.expand(path))

# The variables of a worker: a named list or vector, or "" as in the products' examples. Workers find this package where
# this session has found it.
worker.variables <- function(env) {
    named <- if (identical(env, "")) list() else as.list(env)
    if (length(named) > 0 && (is.null(names(named)) || !all(nzchar(names(named)))))
        stop("env is a list whose names are those of the variables, as in list(COLOUR = \"red\")", call. = FALSE)
    own <- dirname(system.file(package = "cdsw"))
    others <- if (is.null(named$R_LIBS)) Sys.getenv("R_LIBS") else named$R_LIBS
    libraries <- strsplit(as.character(others), .Platform$path.sep, fixed = TRUE)[[1]]
    named$R_LIBS <- paste(unique(c(own, libraries[nzchar(libraries)])), collapse = .Platform$path.sep)
    lapply(named, function(value) charToRaw(enc2utf8(as.character(value))))
}

# Ids out of ids, engine ids, workers as launch.workers returns them, and lists of all these.
worker.ids <- function(workers) {
    if (is.list(workers) && !is.null(workers$id)) return(worker.ids(workers$id))
    if (is.list(workers)) return(unlist(lapply(unname(workers), worker.ids), recursive = FALSE))
    as.list(if (is.numeric(workers)) as.integer(workers) else as.character(workers))
}

# Its output as text, and the members that those products have besides.
described <- function(worker) {
    worker$output <- lenient.text(worker$output)
    worker$engineId <- worker$engine_id
    if (!is.null(worker$running_at)) {
        ended <- if (is.null(worker$finished_at)) Sys.time() else utc(worker$finished_at)
        worker$duration <- max(0L, as.integer(difftime(ended, utc(worker$running_at), units = "secs")))
    }
    worker
}

utc <- function(text) as.POSIXct(text, format = "%Y-%m-%dT%H:%M:%SZ", tz = "UTC")

# Seconds that go on evenly, also where somebody sets the clock.
monotonic <- function() proc.time()[["elapsed"]]
