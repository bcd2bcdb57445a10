package main

import (
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// window is the time that is measured: it opens after the warm-up.
type window struct{ opens, closes time.Time }

func (w window) holds(instant time.Time) bool {
	return !instant.Before(w.opens) && instant.Before(w.closes)
}

func seconds(count float64) time.Duration { return time.Duration(count * float64(time.Second)) }

// run sends in a closed loop, where a connection sends as soon as it is answered, or in an open one, where requests are due at fixed
// instants whether or not there was an answer, and their latency counts from the instant they were due.
func run(j job, expected *expectation) {
	connections := make([]*connection, j.Connections)
	for index := range connections {
		c, err := dial(j.Address)
		if err != nil {
			fail(err)
		}
		connections[index] = c
	}
	started := time.Now()
	w := window{opens: started.Add(seconds(j.WarmUpSeconds)), closes: started.Add(seconds(j.WarmUpSeconds + j.Seconds))}
	due := func() time.Time { return time.Now() }
	if j.Mode == "open" {
		due = instants(started, j.Rate)
	}
	latencies := make([][]time.Duration, j.Connections)
	var senders sync.WaitGroup
	for index, c := range connections {
		senders.Go(func() { latencies[index] = send(c, j.Request, w, due, expected) })
	}
	time.Sleep(time.Until(w.opens))
	tell(event{Event: "begin"})
	time.Sleep(time.Until(w.closes))
	// The CPU time of the gateway is read now: what is counted later would come too late.
	tell(event{Event: "close"})
	senders.Wait()
	all := slices.Concat(latencies...)
	slices.Sort(all)
	tell(result{Event: "end", Requests: len(all), Seconds: j.Seconds, P50: percentile(all, 0.5), P99: percentile(all, 0.99)})
}

// instants gives one request after the other the instant it is due.
func instants(started time.Time, rate float64) func() time.Time {
	var next atomic.Int64
	return func() time.Time { return started.Add(seconds(float64(next.Add(1)) / rate)) }
}

// send counts an answer in the window that it arrives in.
func send(c *connection, request []byte, w window, due func() time.Time, expected *expectation) (latencies []time.Duration) {
	for {
		instant := due()
		if !instant.Before(w.closes) {
			return latencies
		}
		time.Sleep(time.Until(instant))
		status, body, err := c.exchange(request)
		if err == nil {
			err = expected.check(status, body)
		}
		if err != nil {
			fail(err)
		}
		if answered := time.Now(); w.holds(answered) {
			latencies = append(latencies, answered.Sub(instant))
		}
	}
}

// percentile is the value in microseconds that this share of all does not exceed.
func percentile(sorted []time.Duration, share float64) float64 {
	rank := int(math.Ceil(share * float64(len(sorted))))
	if rank == 0 {
		return 0
	}
	return float64(sorted[rank-1]) / float64(time.Microsecond)
}
