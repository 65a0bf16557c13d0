export { listJobs, RunningJob } from './jobs';
export { missingPage, overviewPage } from './page';
export { forgetAddress, keepReport, listReports, readReport, rememberAddress, reportsAddress } from './store';
export type { Advance, Job, JobStart, JobState, Report, ReportStart } from './types';
