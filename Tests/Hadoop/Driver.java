import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.BytesWritable;
import org.apache.hadoop.io.NullWritable;
import org.apache.hadoop.io.SequenceFile;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.mapreduce.Counter;
import org.apache.hadoop.mapreduce.CounterGroup;
import org.apache.hadoop.mapreduce.InputFormat;
import org.apache.hadoop.mapreduce.Job;
import org.apache.hadoop.mapreduce.Mapper;
import org.apache.hadoop.mapreduce.Partitioner;
import org.apache.hadoop.mapreduce.Reducer;
import org.apache.hadoop.mapreduce.TaskInputOutputContext;
import org.apache.hadoop.mapreduce.lib.input.FileInputFormat;
import org.apache.hadoop.mapreduce.lib.output.FileOutputFormat;
import org.apache.hadoop.mapreduce.lib.partition.KeyFieldBasedComparator;
import org.apache.hadoop.mapreduce.lib.partition.KeyFieldBasedPartitioner;
import org.apache.hadoop.mapreduce.lib.partition.TotalOrderPartitioner;

/**
 * Runs jobs by Hadoop's LocalJobRunner, one for each line of standard input: fields NAME=VALUE with the byte 31 between.
 *
 * Everything is Hadoop's own - how input is cut and unpacked, sorting, merging, partitioning, grouping, counters, output - but for
 * what Hadoop Streaming would do, whose archive is not among those that pyspark carries: here a mapper, combiner or reducer that is
 * given is run by /bin/sh, gets lines on its standard input, and what it writes is cut into lines and each line at its first
 * separator; lines `reporter:counter:GROUP,NAME,COUNT` of its standard error count. Without a mapper input lines are cut so, and
 * without a reducer each pair is a line. What a reducer writes is written as it is.
 */
public final class Driver {
    public static void main(String[] arguments) throws Exception {
        BufferedReader jobs = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = jobs.readLine()) != null;) {
            Map<String, String> fields = new TreeMap<>();
            List<String> inputs = new ArrayList<>();
            for (String field : line.split("\u001f")) {
                int equals = field.indexOf('=');
                String name = field.substring(0, equals), value = field.substring(equals + 1);
                if (name.equals("input")) inputs.add(value);
                else fields.put(name, value);
            }
            try {
                run(fields, inputs);
            } catch (Exception failure) {
                failure.printStackTrace();
                say("end", fields.get("name"), "failed");
            }
        }
    }

    private static void run(Map<String, String> fields, List<String> inputs) throws Exception {
        Configuration configuration = new Configuration();
        configuration.set("mapreduce.framework.name", "local");
        configuration.set("hadoop.tmp.dir", fields.get("scratch"));
        configuration.set("mapreduce.cluster.local.dir", fields.get("scratch") + "/local");
        configuration.set("mapreduce.jobtracker.staging.root.dir", fields.get("scratch") + "/staging");
        configuration.setInt("mapreduce.client.completion.pollinterval", 20);
        configuration.setInt("mapreduce.client.progressmonitor.pollinterval", 20);
        fields.forEach((name, value) -> {
            // A newline would end the job's line here.
            if (name.startsWith("conf:")) configuration.set(name.substring(5), value.replace("\\n", "\n"));
            else configuration.set("driver." + name, value);
        });
        if (fields.containsKey("cuts")) writeCuts(configuration, fields.get("cuts"));

        Job job = Job.getInstance(configuration, fields.get("name"));
        job.setInputFormatClass(Class.forName(fields.getOrDefault("format",
            "org.apache.hadoop.mapreduce.lib.input.TextInputFormat")).asSubclass(InputFormat.class));
        job.setMapperClass(Mapping.class);
        if (fields.containsKey("combiner")) job.setCombinerClass(Combining.class);
        job.setReducerClass(Reducing.class);
        job.setMapOutputKeyClass(Text.class);
        job.setMapOutputValueClass(Text.class);
        job.setOutputKeyClass(Text.class);
        job.setOutputValueClass(NullWritable.class);
        job.setNumReduceTasks(Integer.parseInt(fields.get("reduces")));
        if (fields.containsKey("cuts")) job.setPartitionerClass(TotalOrderPartitioner.class);
        if (configuration.get("mapreduce.partition.keypartitioner.options") != null) {
            Class<?> fieldBased = KeyFieldBasedPartitioner.class;
            job.setPartitionerClass(fieldBased.asSubclass(Partitioner.class));
        }
        if (configuration.get("mapreduce.partition.keycomparator.options") != null) {
            job.setSortComparatorClass(KeyFieldBasedComparator.class);
        }
        for (String input : inputs) FileInputFormat.addInputPath(job, new Path(Paths.get(input).toUri()));
        FileOutputFormat.setOutputPath(job, new Path(Paths.get(fields.get("output")).toUri()));

        boolean hasSucceeded = job.waitForCompletion(false);
        for (CounterGroup group : job.getCounters()) {
            for (Counter counter : group) {
                say("counter", fields.get("name"), group.getName(), counter.getName(), Long.toString(counter.getValue()));
            }
        }
        say("end", fields.get("name"), hasSucceeded ? "succeeded" : "failed");
    }

    private static void say(String... words) {
        System.out.println(String.join("\t", words));
        System.out.flush();
    }

    /** The partition file of TotalOrderPartitioner, from a file with one key a line. */
    private static void writeCuts(Configuration configuration, String cuts) throws IOException {
        Path path = new Path(Paths.get(cuts + ".sequence").toUri());
        try (SequenceFile.Writer writer = SequenceFile.createWriter(configuration, SequenceFile.Writer.file(path),
                SequenceFile.Writer.keyClass(Text.class), SequenceFile.Writer.valueClass(NullWritable.class))) {
            Lines lines = new Lines(Files.newInputStream(Paths.get(cuts)));
            for (byte[] line; (line = lines.next()) != null;) writer.append(new Text(line), NullWritable.get());
        }
        TotalOrderPartitioner.setPartitionFile(configuration, path);
        // By comparison: the plainer way than a trie.
        configuration.setBoolean("mapreduce.totalorderpartitioner.naturalorder", false);
    }

    /** Lines of some bytes: LF alone ends one, and the last may lack it. */
    private static final class Lines {
        private final InputStream in;

        Lines(InputStream in) { this.in = new BufferedInputStream(in, 1 << 16); }

        byte[] next() throws IOException {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            int value;
            while ((value = in.read()) >= 0 && value != '\n') line.write(value);
            return value < 0 && line.size() == 0 ? null : line.toByteArray();
        }
    }

    private interface Feeding { void feed(OutputStream out) throws IOException, InterruptedException; }

    private interface Taking { void take(byte[] line) throws IOException, InterruptedException; }

    /** Runs a program: `feeding` writes its input in a thread of its own, `taking` gets the lines that it writes. */
    private static void pipe(String command, TaskInputOutputContext<?, ?, ?, ?> context, Feeding feeding, Taking taking)
            throws IOException, InterruptedException {
        Process process = new ProcessBuilder("/bin/sh", "-c", command).start();
        Map<String, Long> counts = new TreeMap<>();
        Exception[] failures = new Exception[2];
        Thread feeder = new Thread(() -> {
            try (OutputStream out = new BufferedOutputStream(process.getOutputStream(), 1 << 16)) {
                feeding.feed(out);
            } catch (Exception failure) { failures[0] = failure; }
        });
        Thread reporter = new Thread(() -> {
            Lines lines = new Lines(process.getErrorStream());
            try {
                for (byte[] line; (line = lines.next()) != null;) count(new String(line, StandardCharsets.UTF_8), counts);
            } catch (IOException failure) { failures[1] = failure; }
        });
        feeder.start();
        reporter.start();
        Lines lines = new Lines(process.getInputStream());
        for (byte[] line; (line = lines.next()) != null;) taking.take(line);
        feeder.join();
        reporter.join();
        int code = process.waitFor();
        if (code != 0) throw new IOException("'" + command + "' ended with exit code " + code);
        for (Exception failure : failures) if (failure != null) throw new IOException(failure);
        counts.forEach((name, count) -> {
            int comma = name.indexOf(',');
            context.getCounter(name.substring(0, comma), name.substring(comma + 1)).increment(count);
        });
    }

    private static void count(String line, Map<String, Long> counts) {
        String prefix = "reporter:counter:";
        if (!line.startsWith(prefix)) return;
        int comma = line.lastIndexOf(',');
        counts.merge(line.substring(prefix.length(), comma), Long.parseLong(line.substring(comma + 1).trim()), Long::sum);
    }

    /** Cuts a line after so many fields: the key is what stands before that separator. */
    private static final class Cutter {
        private final byte separator;
        private final int fieldCount;
        final Text key = new Text(), value = new Text();

        Cutter(Configuration configuration) {
            separator = (byte) configuration.get("driver.separator", "\t").charAt(0);
            fieldCount = configuration.getInt("driver.key-fields", 1);
        }

        void cut(byte[] line, int length) {
            int end = -1;
            for (int field = 0, from = 0; field < fieldCount; field++, from = end + 1) {
                for (end = from; end < length && line[end] != separator; end++) { }
                if (end == length) break;
            }
            boolean isWhole = end >= length || fieldCount == 0;
            key.set(line, 0, isWhole ? length : end);
            value.set(line, isWhole ? length : end + 1, isWhole ? 0 : length - end - 1);
        }
    }

    private static void writePair(OutputStream out, Text key, Text value, boolean isPair) throws IOException {
        out.write(key.getBytes(), 0, key.getLength());
        if (isPair) {
            out.write('\t');
            out.write(value.getBytes(), 0, value.getLength());
        }
    }

    /** A record's bytes, of lines and of BytesWritables. */
    private static int length(Object record) {
        return record instanceof Text ? ((Text) record).getLength() : ((BytesWritable) record).getLength();
    }

    private static byte[] bytes(Object record) {
        return record instanceof Text ? ((Text) record).getBytes() : ((BytesWritable) record).getBytes();
    }

    public static final class Mapping extends Mapper<Object, Object, Object, Object> {
        @Override
        public void run(Context context) throws IOException, InterruptedException {
            Configuration configuration = context.getConfiguration();
            Cutter cutter = new Cutter(configuration);
            boolean writesLines = configuration.getInt("driver.reduces", 1) == 0;
            Taking emit = line -> emit(line, line.length, cutter, context, writesLines);
            String command = configuration.get("driver.mapper");
            if (command == null) {
                while (context.nextKeyValue()) {
                    Object record = context.getCurrentValue();
                    emit(bytes(record), length(record), cutter, context, writesLines);
                }
                return;
            }
            pipe(command, context, out -> {
                while (context.nextKeyValue()) {
                    Object record = context.getCurrentValue();
                    out.write(bytes(record), 0, length(record));
                    if (record instanceof Text) out.write('\n');
                }
            }, emit);
        }

        private void emit(byte[] line, int length, Cutter cutter, Context context, boolean writesLines)
                throws IOException, InterruptedException {
            if (writesLines) {
                cutter.key.set(line, 0, length);
                context.write(cutter.key, NullWritable.get());
                return;
            }
            cutter.cut(line, length);
            context.write(cutter.key, cutter.value);
        }
    }

    private static void feed(Reducer<Text, Text, ?, ?>.Context context, OutputStream out) throws IOException, InterruptedException {
        while (context.nextKey()) {
            for (Text value : context.getValues()) {
                writePair(out, context.getCurrentKey(), value, true);
                out.write('\n');
            }
        }
    }

    public static final class Combining extends Reducer<Text, Text, Text, Text> {
        @Override
        public void run(Context context) throws IOException, InterruptedException {
            Cutter cutter = new Cutter(context.getConfiguration());
            pipe(context.getConfiguration().get("driver.combiner"), context, out -> feed(context, out), line -> {
                cutter.cut(line, line.length);
                context.write(cutter.key, cutter.value);
            });
        }
    }

    public static final class Reducing extends Reducer<Text, Text, Text, NullWritable> {
        @Override
        public void run(Context context) throws IOException, InterruptedException {
            Text line = new Text();
            String command = context.getConfiguration().get("driver.reducer");
            if (command != null) {
                pipe(command, context, out -> feed(context, out), bytes -> {
                    line.set(bytes);
                    context.write(line, NullWritable.get());
                });
                return;
            }
            boolean isPair = !context.getConfiguration().get("driver.values", "yes").equals("no");
            ByteArrayOutputStream pair = new ByteArrayOutputStream();
            while (context.nextKey()) {
                for (Text value : context.getValues()) {
                    pair.reset();
                    writePair(pair, context.getCurrentKey(), value, isPair);
                    line.set(pair.toByteArray());
                    context.write(line, NullWritable.get());
                }
            }
        }
    }
}
