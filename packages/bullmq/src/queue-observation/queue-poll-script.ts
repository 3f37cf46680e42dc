/**
 * One question to Redis about a queue, asked by a poller.
 *
 * Takes the lease or keeps it, and tells which jobs may be the oldest that wait; or tells that somebody else has the
 * lease, and for how long. One script, so that a poller costs one command and never reads without holding the lease. It
 * writes the lease and nothing else.
 *
 * ```
 * KEYS  lease · wait · paused · prioritized · delayed
 * ARGV  holder · ms of the lease · prefix of job keys · "1" when the oldest job is wanted
 * reply {0, ms until the lease ends} · {1, now} · {1, now, due time of the first delayed job, [id, added, delay, starts, isParent] …}
 * ```
 *
 * `starts` grows with every start, and is 0 before the first alone: who retries a job by hand may have its starts counted
 * anew, and then its failures (`atm`) or their stacks tell of those before.
 *
 * Who may be the oldest: both ends of the list (workers take from its right; `lifo`, retries and parents of flows are put
 * there, too), the first job of each priority, and the delayed job that is due next, which is waiting once its time has
 * come and no worker has looked.
 */
export const queuePollScript: string = `
local rcall = redis.call
local holder = rcall('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return {0, rcall('PTTL', KEYS[1])} end
rcall('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
local time = rcall('TIME')
local reply = {1, tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)}
if ARGV[4] ~= '1' then return reply end

local ids = {}
local function add(found) for _, id in ipairs(found) do ids[#ids + 1] = id end end
for i = 2, 3 do
  add(rcall('LRANGE', KEYS[i], -10, -1))
  add(rcall('LRANGE', KEYS[i], 0, 0))
end
local from = 0
for _ = 1, 32 do
  local first = rcall('ZRANGEBYSCORE', KEYS[4], from, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
  if not first[1] then break end
  ids[#ids + 1] = first[1]
  from = (math.floor(tonumber(first[2]) / 0x100000000) + 1) * 0x100000000
end

local delayed = rcall('ZRANGE', KEYS[5], 0, 0, 'WITHSCORES')
reply[3] = delayed[2] and math.floor(tonumber(delayed[2]) / 0x1000) or -1
for _, id in ipairs(ids) do
  local key = ARGV[3] .. id
  local job = rcall('HMGET', key, 'timestamp', 'opts', 'ats', 'atm')
  if job[1] then
    local isJson, opts = pcall(cjson.decode, job[2] or '')
    local delay = isJson and type(opts) == 'table' and tonumber(opts['delay']) or 0
    local isParent = rcall('EXISTS', key .. ':processed', key .. ':failed', key .. ':unsuccessful')
    local starts = (tonumber(job[3]) or 0) + (tonumber(job[4]) or 0) + rcall('HSTRLEN', key, 'stacktrace')
    reply[#reply + 1] = {id, job[1], tostring(delay), starts, isParent}
  end
end
return reply
`;

/** Gives the lease back, unless somebody else has it by now. `KEYS` lease, `ARGV` holder. */
export const leaseReleaseScript: string = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
`;
