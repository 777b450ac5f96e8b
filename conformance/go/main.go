// One request with one client, told by JSON on standard input; its outcome as JSON on standard output.
// {"client": "aws-sdk-go-v2" | "opensearch-go", "endpoint", "region", "credentials": {…} | null, "method", "path", "body"}
package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/opensearch-project/opensearch-go/v4"
	"github.com/opensearch-project/opensearch-go/v4/signer/awsv2"
)

type asked struct {
	Client, Endpoint, Region, Method, Path string
	Body                                   *string
	Credentials                            *struct{ AccessKeyID, SecretAccessKey, SessionToken string }
}

type answer struct {
	Status int             `json:"status"`
	Body   json.RawMessage `json:"body"`
}

func main() {
	var a asked
	must(json.NewDecoder(os.Stdin).Decode(&a))
	clients := map[string]func(asked, *http.Transport) *http.Response{"aws-sdk-go-v2": bySDK, "opensearch-go": byOpenSearch}
	response := clients[a.Client](a, transport())
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	must(err)
	must(json.NewEncoder(os.Stdout).Encode(answer{response.StatusCode, body}))
}

// net/http, signed by the SDK's own signer: what a small Go program does.
func bySDK(a asked, transport *http.Transport) *http.Response {
	request := build(a, a.Endpoint)
	if a.Credentials != nil {
		body := ""
		if a.Body != nil {
			body = *a.Body
		}
		hash := sha256.Sum256([]byte(body))
		keys, err := provider(a).Retrieve(context.Background())
		must(err)
		signed := hex.EncodeToString(hash[:])
		must(v4.NewSigner().SignHTTP(context.Background(), keys, request, signed, "es", a.Region, time.Now()))
	}
	response, err := (&http.Client{Transport: transport}).Do(request)
	must(err)
	return response
}

func byOpenSearch(a asked, transport *http.Transport) *http.Response {
	config := opensearch.Config{Addresses: []string{a.Endpoint}, Transport: transport, DisableRetry: true}
	if a.Credentials != nil {
		signer, err := awsv2.NewSignerWithService(aws.Config{Region: a.Region, Credentials: provider(a)}, "es")
		must(err)
		config.Signer = signer
	}
	client, err := opensearch.NewClient(config)
	must(err)
	response, err := client.Perform(build(a, ""))
	must(err)
	return response
}

func build(a asked, base string) *http.Request {
	var body io.Reader
	if a.Body != nil {
		body = strings.NewReader(*a.Body)
	}
	request, err := http.NewRequest(a.Method, base+a.Path, body)
	must(err)
	if a.Body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	return request
}

func provider(a asked) aws.CredentialsProvider {
	return credentials.NewStaticCredentialsProvider(a.Credentials.AccessKeyID, a.Credentials.SecretAccessKey, a.Credentials.SessionToken)
}

func transport() *http.Transport {
	bundle, err := os.ReadFile(os.Getenv("SSL_CERT_FILE"))
	must(err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(bytes.TrimSpace(bundle))
	return &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
