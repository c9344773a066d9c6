-- What the load scripts tell wrk, which prints one line of figures.
-- Every thread has one connection and one token when TOKENS is set, so no refresh token is sent twice.
-- REQUESTS is a file of requests, each a method, a path and perhaps a body with tabs between, which are
-- sent in turn; they are made ready beforehand, so that wrk takes little of the processors.

local tokens, threads = {}, 0
for token in (os.getenv("TOKENS") or ""):gmatch("%S+") do
  tokens[#tokens + 1] = token
end

function setup(thread)
  threads = threads + 1
  thread:set("token", tokens[threads])
end

function init()
  local file = os.getenv("REQUESTS")
  if file then
    local ready, turn = {}, 0
    local media = { ["Content-Type"] = "application/fhir+json" }
    for name, value in pairs(wrk.headers) do
      media[name] = value
    end
    for line in io.lines(file) do
      local method, path, body = line:match("^(%S+)\t([^\t]+)\t?(.*)$")
      ready[#ready + 1] = wrk.format(method, path, body ~= "" and media or nil, body ~= "" and body or nil)
    end
    request = function()
      turn = turn % #ready + 1
      return ready[turn]
    end
  end
  if token then
    request = function()
      local body = "grant_type=refresh_token&client_id=load&refresh_token=" .. token
      return wrk.format("POST", nil, { ["Content-Type"] = "application/x-www-form-urlencoded" }, body)
    end
    response = function(status, headers, body)
      token = body:match('"refresh_token":"([^"]+)"') or token
    end
  end
end

function done(summary, latency)
  local seconds = summary.duration / 1e6
  local errors = summary.errors
  local failed = errors.status + errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format("FIGURES %.1f %.3f %.3f %d\n", summary.requests / seconds,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, failed))
end
