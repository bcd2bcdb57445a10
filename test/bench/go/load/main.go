// Sends one request again and again over kept connections, and checks every answer. The job comes as one line of JSON on stdin (see
// load-job.ts); events go to stdout, one line each. Ends with 1 at the first wrong answer.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"sync"
)

type job struct {
	Mode          string            `json:"mode"`
	Address       string            `json:"address"`
	Request       []byte            `json:"request"`
	Status        int               `json:"status"`
	Answers       []json.RawMessage `json:"answers"`
	Connections   int               `json:"connections"`
	Rate          float64           `json:"rate"`
	WarmUpSeconds float64           `json:"warmUpSeconds"`
	Seconds       float64           `json:"seconds"`
}

type event struct {
	Event   string `json:"event"`
	Message string `json:"message,omitempty"`
}

type result struct {
	Event    string  `json:"event"`
	Requests int     `json:"requests"`
	Seconds  float64 `json:"seconds"`
	P50      float64 `json:"p50"`
	P99      float64 `json:"p99"`
}

var printing sync.Mutex

// tell prints an event or a result.
func tell(e any) {
	printing.Lock()
	defer printing.Unlock()
	_ = json.NewEncoder(os.Stdout).Encode(e)
}

// fail ends the program: a figure about wrong answers is worth nothing.
func fail(err error) {
	tell(event{Event: "wrong", Message: err.Error()})
	os.Exit(1)
}

func main() {
	input := bufio.NewReader(os.Stdin)
	line, err := input.ReadBytes('\n')
	if err != nil {
		fail(fmt.Errorf("no job on stdin: %w", err))
	}
	var j job
	if err := json.Unmarshal(line, &j); err != nil {
		fail(err)
	}
	expected, err := newExpectation(j.Status, j.Answers)
	if err != nil {
		fail(err)
	}
	switch j.Mode {
	case "closed", "open":
		run(j, expected)
	case "hold", "hold-streams":
		hold(j, expected)
		// Until whoever gave the job closes stdin.
		_, _ = input.ReadBytes('\n')
	default:
		fail(fmt.Errorf("no such mode: %s", j.Mode))
	}
}
