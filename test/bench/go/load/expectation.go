package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"sync/atomic"
)

// expectation is what an answer must say; its JSON may be written in any way.
type expectation struct {
	status  int
	answers []any
	// The body that was found right last: most are the same byte for byte.
	right atomic.Pointer[[]byte]
}

func newExpectation(status int, answers []json.RawMessage) (*expectation, error) {
	e := &expectation{status: status}
	for _, text := range answers {
		var answer any
		if err := json.Unmarshal(text, &answer); err != nil {
			return nil, err
		}
		e.answers = append(e.answers, answer)
	}
	return e, nil
}

func (e *expectation) check(status int, body []byte) error {
	if status != e.status {
		return fmt.Errorf("answered %d instead of %d: %.300s", status, e.status, body)
	}
	if right := e.right.Load(); right != nil && bytes.Equal(*right, body) {
		return nil
	}
	var got any
	if err := json.Unmarshal(body, &got); err != nil {
		return fmt.Errorf("%w in %.300s", err, body)
	}
	for _, answer := range e.answers {
		if reflect.DeepEqual(got, answer) {
			right := bytes.Clone(body)
			e.right.Store(&right)
			return nil
		}
	}
	return fmt.Errorf("answered what is not the same JSON as expected: %.300s", body)
}
