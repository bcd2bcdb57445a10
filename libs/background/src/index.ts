export { BackgroundJob, type JobOptions, type RunResult } from './background-job.js';
