import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import javax.net.ssl.SSLContext;
import org.apache.http.HttpEntityEnclosingRequest;
import org.apache.http.HttpHost;
import org.apache.http.HttpRequest;
import org.apache.http.util.EntityUtils;
import org.elasticsearch.action.admin.indices.alias.IndicesAliasesRequest;
import org.elasticsearch.action.admin.indices.alias.get.GetAliasesRequest;
import org.elasticsearch.action.admin.indices.delete.DeleteIndexRequest;
import org.elasticsearch.action.admin.indices.flush.FlushRequest;
import org.elasticsearch.action.admin.indices.open.OpenIndexRequest;
import org.elasticsearch.action.admin.indices.refresh.RefreshRequest;
import org.elasticsearch.action.admin.indices.settings.get.GetSettingsRequest;
import org.elasticsearch.action.bulk.BulkRequest;
import org.elasticsearch.action.fieldcaps.FieldCapabilitiesRequest;
import org.elasticsearch.action.get.GetRequest;
import org.elasticsearch.action.get.MultiGetRequest;
import org.elasticsearch.action.index.IndexRequest;
import org.elasticsearch.action.search.ClearScrollRequest;
import org.elasticsearch.action.search.MultiSearchRequest;
import org.elasticsearch.action.search.SearchRequest;
import org.elasticsearch.action.search.SearchResponse;
import org.elasticsearch.action.search.SearchScrollRequest;
import org.elasticsearch.action.update.UpdateRequest;
import org.elasticsearch.client.RequestOptions;
import org.elasticsearch.client.RestClient;
import org.elasticsearch.client.RestHighLevelClient;
import org.elasticsearch.client.core.CountRequest;
import org.elasticsearch.client.indices.CloseIndexRequest;
import org.elasticsearch.client.indices.CreateIndexRequest;
import org.elasticsearch.client.indices.GetFieldMappingsRequest;
import org.elasticsearch.client.indices.GetIndexRequest;
import org.elasticsearch.client.indices.GetMappingsRequest;
import org.elasticsearch.client.indices.PutMappingRequest;
import org.elasticsearch.common.unit.TimeValue;
import org.elasticsearch.index.query.QueryBuilders;
import org.elasticsearch.index.reindex.DeleteByQueryRequest;
import org.elasticsearch.search.builder.SearchSourceBuilder;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4FamilyHttpSigner;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;

/**
 * Elasticsearch's own high-level client, 7.10, which most Java programs on Amazon's service were written with. It sends
 * its parameters (ignore_unavailable, expand_wildcards, allow_no_indices, ignore_throttled ...) with every request. Signed
 * by an interceptor of its HTTP client, as programs do.
 */
final class HighLevel {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String INDEX = "high-level";

    /** One program: every step by its name, with what came of it. A step that fails does not stop the others. */
    static ObjectNode story(Judge.Asked asked) throws Exception {
        ObjectNode told = JSON.createObjectNode();
        try (RestHighLevelClient client = client(asked)) {
            indices(client, told);
            documents(client, told);
            searches(client, told);
            more(client, told);
        }
        ObjectNode answer = JSON.createObjectNode().put("status", 200);
        answer.set("body", told);
        return answer;
    }

    private static void step(ObjectNode told, String name, Callable<Object> doing) {
        try {
            told.putPOJO(name, doing.call());
        } catch (Exception failed) {
            told.put(name, "failed: " + failed);
        }
    }

    private static void indices(RestHighLevelClient client, ObjectNode told) {
        RequestOptions plain = RequestOptions.DEFAULT;
        step(told, "exists before", () -> client.indices().exists(new GetIndexRequest(INDEX), plain));
        step(told, "create", () -> client.indices().create(new CreateIndexRequest(INDEX)
            .settings(Map.of("number_of_shards", 1)).mapping(Map.of("properties", Map.of("title", Map.of("type", "text")))), plain).isAcknowledged());
        step(told, "exists", () -> client.indices().exists(new GetIndexRequest(INDEX), plain));
        step(told, "put mapping", () -> client.indices().putMapping(new PutMappingRequest(INDEX)
            .source(Map.of("properties", Map.of("year", Map.of("type", "integer")))), plain).isAcknowledged());
        step(told, "get mapping", () -> client.indices().getMapping(new GetMappingsRequest().indices(INDEX), plain)
            .mappings().get(INDEX).sourceAsMap().get("properties").toString().contains("year"));
        step(told, "get field mapping", () -> client.indices().getFieldMapping(
            new GetFieldMappingsRequest().indices(INDEX).fields("year"), plain).fieldMappings(INDEX, "year").fullName());
        step(told, "get settings", () -> client.indices().getSettings(new GetSettingsRequest().indices(INDEX), plain)
            .getSetting(INDEX, "index.number_of_shards"));
        step(told, "get index", () -> client.indices().get(new GetIndexRequest(INDEX), plain).getIndices()[0]);
    }

    private static void documents(RestHighLevelClient client, ObjectNode told) {
        RequestOptions plain = RequestOptions.DEFAULT;
        step(told, "index", () -> client.index(new IndexRequest(INDEX).id("1").source(Map.of("title", "one", "year", 1971)), plain)
            .getResult().getLowercase());
        step(told, "bulk", () -> {
            BulkRequest bulk = new BulkRequest();
            for (int n = 2; n <= 20; n++) {
                bulk.add(new IndexRequest(INDEX).id(String.valueOf(n)).source(Map.of("title", "bulk " + n, "year", 2000 + n)));
            }
            return client.bulk(bulk, plain).hasFailures();
        });
        step(told, "get", () -> client.get(new GetRequest(INDEX, "1"), plain).getSourceAsMap().get("title"));
        step(told, "document exists", () -> client.exists(new GetRequest(INDEX, "1"), plain));
        step(told, "document missing", () -> client.exists(new GetRequest(INDEX, "nobody"), plain));
        step(told, "multi get", () -> client.mget(new MultiGetRequest().add(INDEX, "1").add(INDEX, "nobody"), plain).getResponses().length);
        step(told, "update", () -> client.update(new UpdateRequest(INDEX, "1").doc(Map.of("year", 1972)), plain).getResult().getLowercase());
        step(told, "refresh", () -> client.indices().refresh(new RefreshRequest(INDEX), plain).getFailedShards());
        step(told, "flush", () -> client.indices().flush(new FlushRequest(INDEX), plain).getFailedShards());
    }

    private static void searches(RestHighLevelClient client, ObjectNode told) {
        RequestOptions plain = RequestOptions.DEFAULT;
        SearchSourceBuilder all = new SearchSourceBuilder().query(QueryBuilders.matchAllQuery()).size(5);
        step(told, "search", () -> client.search(new SearchRequest(INDEX).source(all), plain).getHits().getTotalHits().value);
        step(told, "count", () -> client.count(new CountRequest(INDEX).query(QueryBuilders.matchQuery("title", "bulk")), plain).getCount());
        step(told, "multi search", () -> client.msearch(new MultiSearchRequest()
            .add(new SearchRequest(INDEX).source(all)).add(new SearchRequest(INDEX).source(all)), plain).getResponses().length);
        step(told, "scroll", () -> {
            TimeValue minute = TimeValue.timeValueMinutes(1);
            SearchResponse page = client.search(new SearchRequest(INDEX).source(all).scroll(minute), plain);
            int seen = page.getHits().getHits().length;
            SearchResponse next = client.scroll(new SearchScrollRequest(page.getScrollId()).scroll(minute), plain);
            seen += next.getHits().getHits().length;
            ClearScrollRequest clear = new ClearScrollRequest();
            clear.addScrollId(next.getScrollId());
            return seen + (client.clearScroll(clear, plain).isSucceeded() ? 0 : 1000);
        });
        step(told, "field capabilities", () -> client.fieldCaps(new FieldCapabilitiesRequest().indices(INDEX).fields("year"), plain)
            .getField("year").keySet().toString());
        step(told, "delete by query", () -> client.deleteByQuery(new DeleteByQueryRequest(INDEX)
            .setQuery(QueryBuilders.rangeQuery("year").gte(2020)), plain).getDeleted());
    }

    private static void more(RestHighLevelClient client, ObjectNode told) {
        RequestOptions plain = RequestOptions.DEFAULT;
        IndicesAliasesRequest.AliasActions add = IndicesAliasesRequest.AliasActions.add().index(INDEX).alias("high-alias");
        step(told, "alias", () -> client.indices().updateAliases(new IndicesAliasesRequest().addAliasAction(add), plain).isAcknowledged());
        step(told, "alias exists", () -> client.indices().existsAlias(new GetAliasesRequest("high-alias"), plain));
        step(told, "alias missing", () -> client.indices().existsAlias(new GetAliasesRequest("no-alias"), plain));
        step(told, "close", () -> client.indices().close(new CloseIndexRequest(INDEX), plain).isAcknowledged());
        step(told, "open", () -> client.indices().open(new OpenIndexRequest(INDEX), plain).isAcknowledged());
        step(told, "missing index", () -> client.search(new SearchRequest("no-such-index"), plain).status());
        step(told, "delete", () -> client.indices().delete(new DeleteIndexRequest(INDEX), plain).isAcknowledged());
        step(told, "exists after", () -> client.indices().exists(new GetIndexRequest(INDEX), plain));
    }

    private static RestHighLevelClient client(Judge.Asked asked) throws Exception {
        URI endpoint = URI.create(asked.text("endpoint"));
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, Judge.trust(asked.text("ca")), null);
        AwsCredentials keys = asked.credentials();
        String region = asked.text("region");
        HttpHost host = new HttpHost(endpoint.getHost(), endpoint.getPort(), "https");
        return new RestHighLevelClient(RestClient.builder(host).setHttpClientConfigCallback(building -> building
            .setSSLContext(context)
            .addInterceptorLast((org.apache.http.HttpRequestInterceptor) (request, ignored) -> sign(request, host, keys, region))));
    }

    /** As the interceptors that people use do: everything that is sent, signed just before it is. */
    private static void sign(HttpRequest request, HttpHost host, AwsCredentials keys, String region) throws java.io.IOException {
        String[] target = request.getRequestLine().getUri().split("\\?", 2);
        SdkHttpRequest.Builder building = SdkHttpRequest.builder().protocol("https").host(host.getHostName()).port(host.getPort())
            .method(SdkHttpMethod.fromValue(request.getRequestLine().getMethod())).encodedPath(target[0]);
        if (target.length > 1) {
            for (String one : target[1].split("&")) {
                String[] parameter = one.split("=", 2);
                building.appendRawQueryParameter(Judge.decoded(parameter[0]), parameter.length > 1 ? Judge.decoded(parameter[1]) : "");
            }
        }
        byte[] body = new byte[0];
        if (request instanceof HttpEntityEnclosingRequest enclosing && enclosing.getEntity() != null) {
            body = EntityUtils.toByteArray(enclosing.getEntity());
        }
        byte[] sent = body;
        var signed = AwsV4HttpSigner.create().sign(signing -> signing.identity(keys).request(building.build())
            .payload(() -> new ByteArrayInputStream(sent))
            .putProperty(AwsV4FamilyHttpSigner.SERVICE_SIGNING_NAME, "es")
            .putProperty(AwsV4HttpSigner.REGION_NAME, region));
        for (Map.Entry<String, List<String>> header : signed.request().headers().entrySet()) {
            if (!header.getKey().equalsIgnoreCase("Content-Length")) {
                request.setHeader(header.getKey(), header.getValue().get(0));
            }
        }
    }

    private HighLevel() {}
}
