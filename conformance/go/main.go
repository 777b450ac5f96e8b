// Sends requests with the clients of this folder: one request a line on standard input, one answer a line on standard
// output; ../python/driver.py says what is in them.
package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/opensearch-project/opensearch-go/v4"
	"github.com/opensearch-project/opensearch-go/v4/signer/awsv2"
)

type asked struct {
	Client, Endpoint, Region, CA, Method, Path string
	Body, BodyFile                             *string
	Gzip                                       bool
	Headers                                    map[string]string
	Credentials                                *struct{ AccessKeyID, SecretAccessKey, SessionToken string }
}

type answer struct {
	Status int    `json:"status,omitempty"`
	Body   any    `json:"body"`
	Error  string `json:"error,omitempty"`
}

var clients = map[string]func(asked) (*http.Response, error){
	"aws-sdk-go-v2": bySDK, "aws-sdk-go-v2-presigned": byPresignedURL, "opensearch-go": byOpenSearch, "net/http over HTTP/2": byHTTP2,
}

func main() {
	lines, answers := bufio.NewReader(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF {
			return
		}
		must(err)
		var a asked
		must(json.Unmarshal(line, &a))
		must(answers.Encode(outcome(clients[a.Client](a))))
	}
}

func outcome(response *http.Response, err error) answer {
	if err != nil {
		return answer{Error: err.Error()}
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	must(err)
	var body any = string(content)
	if json.Valid(content) {
		body = json.RawMessage(content)
	}
	return answer{Status: response.StatusCode, Body: body}
}

// net/http, signed by the SDK's own signer: what a small Go program does.
func bySDK(a asked) (*http.Response, error) {
	body := bodyOf(a, a.Gzip)
	request := build(a, a.Endpoint, body)
	if a.Credentials != nil {
		must(v4.NewSigner().SignHTTP(context.Background(), keys(a), request, hash(body), "es", a.Region, time.Now()))
	}
	return (&http.Client{Transport: transport(a)}).Do(request)
}

// The same over HTTP/2, which net/http chooses of itself unless a program brings its own TLS settings; on one connection,
// as a program's are. What it hears of the protocol is an error here.
func byHTTP2(a asked) (*http.Response, error) {
	body := bodyOf(a, a.Gzip)
	request := build(a, a.Endpoint, body)
	if a.Credentials != nil {
		must(v4.NewSigner().SignHTTP(context.Background(), keys(a), request, hash(body), "es", a.Region, time.Now()))
	}
	if shared[a.CA] == nil {
		speaking := transport(a)
		speaking.ForceAttemptHTTP2, speaking.DisableKeepAlives = true, false
		shared[a.CA] = &http.Client{Transport: speaking}
	}
	response, err := shared[a.CA].Do(request)
	if err == nil && response.ProtoMajor != 2 {
		response.Body.Close()
		return nil, fmt.Errorf("it spoke %s", response.Proto)
	}
	return response, err
}

var shared = map[string]*http.Client{}

func byPresignedURL(a asked) (*http.Response, error) {
	body := bodyOf(a, a.Gzip)
	request := build(a, a.Endpoint, body)
	url, headers, err := v4.NewSigner().PresignHTTP(context.Background(), keys(a), request, hash(body), "es", a.Region, time.Now())
	must(err)
	a.Path = ""
	presigned := build(a, url, body)
	for name := range headers {
		if name != "Host" {
			presigned.Header.Set(name, headers.Get(name))
		}
	}
	return (&http.Client{Transport: transport(a)}).Do(presigned)
}

// It compresses of itself.
func byOpenSearch(a asked) (*http.Response, error) {
	config := opensearch.Config{Addresses: []string{a.Endpoint}, Transport: transport(a), DisableRetry: true, CompressRequestBody: a.Gzip}
	if a.Credentials != nil {
		signer, err := awsv2.NewSignerWithService(aws.Config{Region: a.Region, Credentials: provider(a)}, "es")
		must(err)
		config.Signer = signer
	}
	client, err := opensearch.NewClient(config)
	must(err)
	a.Gzip = false
	return client.Perform(build(a, "", bodyOf(a, false)))
}

// What is sent, compressed here for clients that do not compress of themselves.
func bodyOf(a asked, compressed bool) []byte {
	var body []byte
	if a.Body != nil {
		body = []byte(*a.Body)
	}
	if a.BodyFile != nil {
		content, err := os.ReadFile(*a.BodyFile)
		must(err)
		body = content
	}
	if !compressed {
		return body
	}
	var small bytes.Buffer
	writer := gzip.NewWriter(&small)
	_, err := writer.Write(body)
	must(err)
	must(writer.Close())
	return small.Bytes()
}

func build(a asked, base string, body []byte) *http.Request {
	var reader io.Reader
	if body != nil {
		reader = bytes.NewReader(body)
	}
	request, err := http.NewRequest(a.Method, base+a.Path, reader)
	must(err)
	if a.Body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	for name, value := range a.Headers {
		request.Header.Set(name, value)
	}
	if a.Gzip {
		request.Header.Set("Content-Encoding", "gzip")
	}
	return request
}

func hash(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

func keys(a asked) aws.Credentials {
	keys, err := provider(a).Retrieve(context.Background())
	must(err)
	return keys
}

func provider(a asked) aws.CredentialsProvider {
	return credentials.NewStaticCredentialsProvider(a.Credentials.AccessKeyID, a.Credentials.SecretAccessKey, a.Credentials.SessionToken)
}

func transport(a asked) *http.Transport {
	bundle, err := os.ReadFile(a.CA)
	must(err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(bytes.TrimSpace(bundle))
	return &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, DisableKeepAlives: true}
}

func must(err error) {
	if err != nil {
		log.Fatal(fmt.Errorf("the driver itself: %w", err))
	}
}
