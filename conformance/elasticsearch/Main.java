// A node of Elasticsearch 7.10 in this JVM, on loopback, from its Maven artefacts. Arguments: PORT FOLDER TRANSPORT_PORT.
// The environment may have NODE_NAME, CLUSTER, and for a cluster of several SEEDS (HOST:PORT,…) and INITIAL (names).
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.Plugin;

public class Main {
  static final String[] PLUGINS = {
    "transport.Netty4Plugin", "analysis.common.CommonAnalysisPlugin", "ingest.common.IngestCommonPlugin",
    "join.ParentJoinPlugin", "painless.PainlessPlugin", "percolator.PercolatorPlugin",
    "plugin.repository.url.URLRepositoryPlugin", "script.expression.ExpressionPlugin", "script.mustache.MustachePlugin",
    "search.aggregations.matrix.MatrixAggregationPlugin", "index.reindex.ReindexPlugin", "index.mapper.MapperExtrasPlugin",
    "index.rankeval.RankEvalPlugin"
  };

  static class PluggedNode extends Node {
    PluggedNode(Environment environment, Collection<Class<? extends Plugin>> plugins) {
      super(environment, plugins, true);
    }
  }

  static String environment(String name, String otherwise) {
    String value = System.getenv(name);
    return value == null || value.isEmpty() ? otherwise : value;
  }

  @SuppressWarnings("unchecked")
  public static void main(String[] arguments) throws Exception {
    String port = arguments[0], folder = arguments[1], transport = arguments[2];
    String name = environment("NODE_NAME", "node-" + port), seeds = environment("SEEDS", ""), initial = environment("INITIAL", "");
    Settings.Builder settings = Settings.builder()
        .put("cluster.name", environment("CLUSTER", "countersign")).put("node.name", name)
        .put("path.home", folder).put("path.data", folder + "/data").put("path.logs", folder + "/logs")
        .put("http.host", "127.0.0.1").put("http.port", port)
        .put("transport.host", "127.0.0.1").put("transport.port", transport)
        .put("cluster.routing.allocation.disk.threshold_enabled", false);
    if (seeds.isEmpty()) settings.put("discovery.type", "single-node");
    else settings.putList("discovery.seed_hosts", seeds.split(","));
    if (!initial.isEmpty()) settings.putList("cluster.initial_master_nodes", initial.split(","));
    List<Class<? extends Plugin>> plugins = new ArrayList<>();
    for (String plugin : PLUGINS) plugins.add((Class<? extends Plugin>) Class.forName("org.elasticsearch." + plugin));
    Environment environment = InternalSettingsPreparer.prepareEnvironment(settings.build(), Collections.emptyMap(), null, () -> name);
    Node node = new PluggedNode(environment, plugins);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> {
      try {
        node.close();
      } catch (Exception ignored) {
        // The process ends.
      }
    }));
    node.start();
    System.out.println("READY http://127.0.0.1:" + port);
    Thread.currentThread().join();
  }
}
