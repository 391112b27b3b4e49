# What the package of Clients/r promises, beside a master that was started with --allow-launch. Ends with exit code 0.
library("cdsw")

values <- list(
    text = "\u00e4 <&> ]]> \"'\r\n\t\U0001F600", empty = "", none = NULL, true = TRUE, integer = -7L, double = 1.5, tiny = 1e-300,
    third = 1 / 3, bytes = as.raw(c(0, 255, 10)), nothing = raw(), list = list(1L, "two", list()), struct = list(a = 1L))
# The master answers members in the order of their names.
values <- values[order(names(values), method = "radix")]

# The documents.
parsed <- function(text) cdsw:::parse.response(charToRaw(text))
around <- function(text) paste0("<?xml version='1.0'?>\n<methodResponse><params><param>", text, "</param></params></methodResponse>")
sent <- cdsw:::value.element(values)
stopifnot(identical(parsed(around(sent))$value, values))
for (length in 0:50) {
    bytes <- as.raw((seq_len(length) * 37) %% 256)
    stopifnot(identical(cdsw:::unbase64(cdsw:::base64(bytes)), bytes))
}
stopifnot(cdsw:::base64(charToRaw("any carnal pleas")) == "YW55IGNhcm5hbCBwbGVhcw==")
stopifnot(parsed(around("<value>a&lt;&#x4e;&#78;</value>"))$value == "a<NN")
stopifnot(parsed(around("<value><string/></value>"))$value == "", is.null(parsed(around("<value><nil /></value>"))$value))
stopifnot(identical(parsed(around("<value><array><data/></array></value>"))$value, list()))
stopifnot(identical(parsed(around("<value> <i8>3000000000</i8> </value>"))$value, 3e9))
for (wrong in list(NA, NaN, Inf, quote(a + b), matrix(1:4, 2), Sys.time(), list(a = 1, a = 2), 1i))
    stopifnot(inherits(try(cdsw:::value.element(wrong), silent = TRUE), "try-error"))
for (wrong in c("", "<", "text", "<methodResponse><params>", around("<value><int>1</value>"), around("<value><no>1</no></value>")))
    stopifnot(inherits(try(parsed(wrong), silent = TRUE), "try-error"))

# Messages, in order, both ways, and as large as they may be.
receiver <- '
    library("cdsw")
    repeat {
        message <- receive.message(60)
        stopifnot(message$sender == "master")
        if (identical(message$value, "end")) break
        send.message("master", message$value)
    }
    send.message("master", Sys.getenv("COLOUR"))
    cat("colour", Sys.getenv("COLOUR"), "\\n")
'
echo <- launch.workers(n = 1, cpu = 1, memory = 0.5, code = receiver, env = list(COLOUR = "blue"))
stopifnot(length(echo) == 1, echo[[1]]$status == "starting", nzchar(echo[[1]]$engineId))
large <- as.raw(rep(0:255, 3000))
for (value in list(values, 1:20, c(a = 1.25), NULL, large)) send.message(echo[[1]], value)
send.message(echo[[1]]$id, "end")
back <- lapply(1:6, function(number) receive.message(60))
stopifnot(all(vapply(back, function(message) message$sender == echo[[1]]$id, NA)))
back <- lapply(back, function(message) message$value)
stopifnot(identical(back, list(values, as.list(1:20), list(a = 1.25), NULL, large, "blue")))
stopifnot(is.null(receive.message(0)))

# Ends.
answer <- await.workers(echo)
stopifnot(length(answer$failures) == 0, length(answer$workers) == 1)
worker <- answer$workers[[1]]
stopifnot(worker$status == "succeeded", worker$exit_code == 0L, worker$duration >= 0L, startsWith(worker$output, "colour blue"))
bad <- launch.workers(2, 0.5, 0.5, 0, "sh", "", "printf 'a\\000\\377b\\n'; exit $((MR_WORKER_ID + 5))", list(), "shell")
failures <- await.workers(bad, TRUE, 60)$failures
stopifnot(identical(vapply(failures, function(one) one$exit_code, 1L), c(7L, 8L)), failures[[1]]$name == "shell")
stopifnot(identical(failures[[1]]$output, "a\ufffd\ufffdb\n"))
long <- launch.workers(n = 2, cpu = 0.5, memory = 0.5, env = "", code = "Sys.sleep(1000)")
ids <- vapply(long, function(one) one$id, 1L)
late <- await.workers(ids[1], timeout.seconds = 1)
stopifnot(length(late$workers) == 0, late$failures[[1]]$id == ids[1])
stopifnot(length(await.workers(long, wait.for.completion = FALSE)$workers) == 2)
stop.workers(list())
stopifnot(all(vapply(list.workers(), function(one) one$status, "")[4:5] == "running"))
stop.workers(ids[1], long[[2]])
over <- await.workers(long)
stopifnot(identical(vapply(over$failures, function(one) one$status, ""), c("stopped", "stopped")))
stopifnot(identical(vapply(list.workers(), function(one) one$id, 1L), 1:5))
stop.workers()

# Refusals.
refused <- tryCatch(await.workers(9), xmlrpc.fault = identity)
stopifnot(grepl("no launched worker '9'", conditionMessage(refused), fixed = TRUE), is.integer(refused$code))
for (wrong in list(
    quote(launch.workers(0, 1, 1, code = "1")), quote(launch.workers(1, 1, 1, 1, code = "1")), quote(launch.workers(1, 1, 1)),
    quote(launch.workers(1, 1, 1, code = "1", env = list("no name"))), quote(launch.workers(1, 1, 1, kernel = "scala", code = "1"))))
    stopifnot(inherits(try(eval(wrong), silent = TRUE), "try-error"))
stopifnot(length(list.workers()) == 5)

# Who must wait for nobody.
Sys.setenv(MR_MASTER = "127.0.0.1:1")
lonely <- tryCatch(list.workers(), error = conditionMessage)
stopifnot(grepl("start one with mr-master --serve --allow-launch", lonely, fixed = TRUE))
Sys.setenv(MR_MASTER_URL = "http://127.0.0.1:1/RPC2")
stopifnot(grepl("no master answers at 127.0.0.1:1", tryCatch(list.workers(), error = conditionMessage), fixed = TRUE))
path <- Sys.getenv("PATH")
Sys.setenv(MR_MASTER_URL = "https://127.0.0.1:1/RPC2", PATH = "")
stopifnot(grepl("R can't speak TLS", tryCatch(list.workers(), error = conditionMessage), fixed = TRUE))
Sys.setenv(PATH = path)
Sys.unsetenv(c("MR_MASTER", "MR_MASTER_URL"))
cat("all is well\n")
