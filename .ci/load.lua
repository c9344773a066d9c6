-- What .ci/load tells wrk: how to redeem refresh tokens, each once, and to print one line of figures.
-- Every thread has one connection and one token when TOKENS is set, so no token is sent twice.

local tokens, threads = {}, 0
for token in (os.getenv("TOKENS") or ""):gmatch("%S+") do
  tokens[#tokens + 1] = token
end

function setup(thread)
  threads = threads + 1
  thread:set("token", tokens[threads])
end

function init()
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
