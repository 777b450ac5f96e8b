# gem install aws-sigv4
require "aws-sigv4"
require "json"
require "net/http"

uri = URI.join(ENV.fetch("COUNTERSIGN_ENDPOINT"), "/")
token = ENV["AWS_SESSION_TOKEN"]
signer = Aws::Sigv4::Signer.new(
  service: "es",
  region: ENV.fetch("AWS_REGION"),
  access_key_id: ENV.fetch("AWS_ACCESS_KEY_ID"),
  secret_access_key: ENV.fetch("AWS_SECRET_ACCESS_KEY"),
  session_token: token && !token.empty? ? token : nil,
)
signature = signer.sign_request(http_method: "GET", url: uri.to_s)
authorities = ENV["AWS_CA_BUNDLE"] ? { ca_file: ENV["AWS_CA_BUNDLE"] } : {}
response = Net::HTTP.start(uri.host, uri.port, use_ssl: true, **authorities) do |http|
  http.request(Net::HTTP::Get.new(uri, signature.headers))
end
abort "#{response.code} #{response.body}" unless response.code == "200"
puts JSON.parse(response.body)["version"]["number"]
