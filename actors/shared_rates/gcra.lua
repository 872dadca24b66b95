-- Takes one token of each of several buckets, or of none, at one moment of one clock: Redis's own.
-- KEYS are the buckets; ARGV has for each: microseconds for one token, tokens at most.
-- Answers now and then for each bucket: when it is full again, when it has enough (0 where it has), in microseconds.
-- Generic cell rate algorithm, ATM Forum TM 4.1: a bucket is kept as the moment at which it will be full again.
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local answer, after, goes = { string.format('%.0f', now) }, {}, true
for at, key in ipairs(KEYS) do
  local each, burst = tonumber(ARGV[2 * at - 1]), tonumber(ARGV[2 * at])
  local full = math.max(tonumber(redis.call('GET', key) or '0'), now)
  local enough = full + each - burst * each
  after[at] = { full, full + each }
  if enough > now then
    goes = false
  else
    enough = 0
  end
  after[at][3] = enough
end
for at, key in ipairs(KEYS) do
  local full = after[at][1]
  if goes then
    full = after[at][2]
    redis.call('SET', key, string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000) + 1)
  end
  answer[#answer + 1] = string.format('%.0f', full)
  answer[#answer + 1] = string.format('%.0f', after[at][3])
end
return answer
