import { Day, Id, may, Moment, node, Text } from '../fields';
import { centreFunction } from './function';

/** Sign-in and sign-out of an operator, and files. */
export const sessionFunctions = {
  signIn: centreFunction(['9001', '签到', 'sign-in'], {
    input: node({ signIn: node({ opter_no: Id(20), mac: may(Text(20)), ip: Text(20) }) }),
    output: node({ signinoutb: node({ sign_time: Moment(), sign_no: Id() }) }),
  }),
  signOut: centreFunction(['9002', '签退', 'sign-out'], {
    input: node({ signOut: node({ sign_no: Id(), opter_no: Id(20) }) }),
    output: node({}),
    fields: 'in-part',
  }),
  uploadFile: centreFunction(['9101', '文件上传', 'file upload'], {
    input: node({
      fsUploadIn: node({ in: Text(8_000_000), filename: Id(200), fixmedins_code: Id() }),
    }),
    output: node({
      file_qury_no: may(Text(30)),
      filename: may(Text(200)),
      dld_endtime: may(Day()),
    }),
    fields: 'in-part',
  }),
  downloadFile: centreFunction(['9102', '文件下载', 'file download'], {
    input: node({
      fsDownloadIn: node({ file_qury_no: Id(), filename: Id(200), fixmedins_code: Id() }),
    }),
    output: node({}),
    fields: 'in-part',
  }),
};
